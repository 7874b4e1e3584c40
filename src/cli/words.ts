/**
 * What chap says to a person about what went wrong: each with what to do. Such words are made here, in outcome-words.ts, in problem-words.ts,
 * and in the words.ts of a folder, and nowhere else.
 */
import type { Fault } from '../index.ts'
import { safeText, showArgv } from './safe-text.ts'

export interface Words {
  readonly message: string
  readonly hint: string | null
}

/** Options that chap gives to ssh, and the newest of those. */
const OURS = /Bad configuration option: (stdinnull|forkafterauthentication|sessiontype)/i

/** ssh says by which name it knows the key. */
const forgetKey = (evidence: string): string => {
  const [, name] = /^Host key for (\S+) has changed/.exec(evidence) ?? []
  return name === undefined ? '' : ` (ssh-keygen -R ${showArgv([safeText(name)])})`
}

/** Why a link is not there. */
export const wordsOfFault = ({ code, evidence }: Fault, host: string): Words => {
  const at = safeText(host)
  const own = evidence === '' ? '' : ` (${safeText(evidence)})`
  const say = (message: string, hint: string | null): Words => ({ message: `${message}${own}`, hint })
  switch (code) {
    case 'authentication':
      return say(
        `${at} does not let you in`,
        `ssh-add a key, or ssh-copy-id ${at}; where it takes a password: --ask-password or --password-file`,
      )
    case 'host_key':
      return /changed/i.test(evidence)
        ? say(
            `the host key of ${at} is not the one that is known`,
            `ssh ${at} by hand says which line of known_hosts it is: if that machine was set up anew, compare the new key's fingerprint, and remove the line${forgetKey(evidence)}; if not, somebody may be in between`,
          )
        : say(
            `the host key of ${at} is not trusted`,
            `ssh ${at} once by hand, and compare the key's fingerprint; --accept-new takes it unseen`,
          )
    case 'refused':
      return say(`nothing listens for ssh at ${at}`, 'is sshd running there, and is it the right port (-p)?')
    case 'unknown_host':
      return say(
        `the name ${at} can't be resolved`,
        'check the name, the DNS, or give another ssh configuration with -F',
      )
    case 'unreachable':
      return say(`there is no way to ${at}`, 'check the network or the VPN')
    case 'timeout':
      return say(`${at} does not answer`, 'check the network or the VPN; --connect-timeout gives it longer')
    case 'busy':
      return say(`${at} takes no more connections just now`, 'it is starting, or at its MaxStartups limit')
    case 'lost':
      return say('the connection broke', null)
    case 'silent':
      return say(`${at} stopped answering`, null)
    case 'no_shell':
      return say(
        `no sh answers at ${at}`,
        'use an account that may run commands; where there is no sh, --plain runs one over ssh without the launcher',
      )
    case 'no_directory':
      return say(
        `${at} has no place for the job's files`,
        '--remote-dir /path/there takes another place, one that you can write to',
      )
    case 'no_processes':
      return say(
        `${at} can't tell one process from another`,
        'mount /proc there, or give it a ps that works; --plain runs the command without the launcher',
      )
    case 'sudo_denied':
      return say(
        `you may not run commands as that user at ${at}`,
        'sudo -n must work without a password: NOPASSWD in sudoers, and sh allowed',
      )
    case 'no_program':
      return say(`what leads to ${at} can't be started`, 'is it installed, and spelled like that?')
    case 'no_holes':
      return say(
        `${at} can't keep the ends of a long output alone`,
        '--on-max-output kill ends the command instead, and works everywhere',
      )
    case 'superseded':
      return say('a newer link of the same job is there', null)
    case 'usage':
      return say(
        "ssh can't be used like this",
        evidence.includes('ENOENT')
          ? "install OpenSSH's client, or add its place to PATH"
          : OURS.test(evidence)
            ? 'chap takes OpenSSH 8.7 or newer on this machine: chap doctor says which it is'
            : `check -F, -o, -p, -i and -J; ssh -G ${at} shows what they mean`,
      )
    case 'disk_full':
      return say('no space is left for the spool', 'make some (chap prune): nothing is lost, and it goes on by itself')
    case 'remote_disk_full':
      return say(
        `no space is left for the job's files at ${at}`,
        'make room there, or give another place: --remote-dir',
      )
  }
}
