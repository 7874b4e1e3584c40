/** What ssh's words mean. It ends with 255 for everything; only its words tell. */
import type { Fault, FaultCode } from '../domain/fault.ts'

/** In the order of trust: the first that matches wins. From OpenSSH 7 to 10. */
const MEANINGS: readonly (readonly [RegExp, FaultCode])[] = [
  // What ssh then says of the password is of no account.
  [/^askpass failed with \d+$/, 'lost'],
  [/Host key for .* has changed|No .* host key is known/, 'host_key'],
  [/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/, 'host_key'],
  [/Permission denied \(|Too many authentication failures|No supported authentication methods/, 'authentication'],
  [/Unable to negotiate with|no matching .* found/, 'usage'],
  [
    /Bad configuration option|unknown option|illegal option|Bad owner or permissions|command-line: line|bad port/i,
    'usage',
  ],
  [/Could not resolve hostname|Name or service not known|nodename nor servname/, 'unknown_host'],
  [/Connection refused/, 'refused'],
  [/Timeout, server .* not responding/, 'silent'],
  [
    /Connection timed out|Connection to \S+ port \d+ timed out|Operation timed out|timed out during banner exchange/,
    'timeout',
  ],
  [/Network is unreachable|No route to host|Host is down/, 'unreachable'],
  [/kex_exchange_identification|ssh_exchange_identification|Exceeded MaxStartups|Not allowed at this time/, 'busy'],
]

/** What ssh says at VERBOSE that explains nothing. */
const SMALL_TALK =
  /^(Authenticated to|Transferred: |Bytes per second: |Authenticating to|Server accepts key|Connecting to|Connection established|debug\d)/

export const SSH_SAID_NOTHING = 'ssh said nothing'

export const isTelling = (line: string): boolean => line.trim() !== '' && !SMALL_TALK.test(line)

/** Why a connection could not be made, or was lost. */
export const readSshWords = (lines: readonly string[], otherwise: FaultCode): Fault => {
  const said = lines.filter(isTelling)
  for (const [words, code] of MEANINGS) {
    const line = said.find((one) => words.test(one))
    if (line !== undefined) return { code, evidence: line.trim() }
  }
  return { code: otherwise, evidence: said.at(-1)?.trim() ?? SSH_SAID_NOTHING }
}
