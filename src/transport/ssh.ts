/** OpenSSH as a transport. One process is the connection, the control session and the private master of all other sessions. */
import { closeSync, rmSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { Fault } from '../domain/fault.ts'
import type { Hop } from '../domain/spec.ts'
import type { Child, Stdio } from './child.ts'
import { readHopWords } from './hop-words.ts'
import { shLine } from './hops.ts'
import { controlScript, launcherText } from './launcher.ts'
import { pourAfter } from './pour-after.ts'
import { hearWords, openEnds } from './session-ends.ts'
import { directArgv, masterArgv, type SshTarget, sessionArgv } from './ssh-argv.ts'
import { readSshWords, SSH_SAID_NOTHING } from './ssh-words.ts'
import { type Connecting, startConnecting, unasking } from './start-connecting.ts'
import { explainNoStart, startSsh } from './start-ssh.ts'
import type { SessionEnds, Transport } from './transport.ts'
import { countResends } from './unheard.ts'

/** ssh's exit status for whatever went wrong on its side. */
const SSH_FAILED = 255

/** What a client says when the server grants no further session on its connection. */
export const REFUSED = /Session open refused by peer|session request failed|open failed/

interface Ran {
  readonly status: number | null | Error
  readonly words: readonly string[]
  readonly wrong: Fault | null
}

interface SshTransport extends Transport {
  /** Did the server grant no session for the control? Then nothing was run. */
  readonly wasRefused: () => boolean
}

/**
 * @param onward what every session passes through from where ssh ends
 * @param shares the socket is that of a master that belongs to no job
 */
export const sshTransport = (
  target: SshTarget,
  onward: readonly Hop[],
  onWords: (line: string) => void,
  shares = false,
): SshTransport => {
  const children = new Set<Child>()
  const pours = new Map<Readable, Promise<unknown>>()
  const masterWords: string[] = []
  let master: Connecting | undefined

  const start = (starting: Connecting, words: string[]): Connecting => {
    const { child } = starting
    children.add(child)
    void child.exited.then(() => children.delete(child))
    hearWords(child, words, onWords)
    return starting
  }

  const overMaster = (script: string, stdio: Stdio): Connecting =>
    unasking(startSsh(sessionArgv(target, shLine(onward, script)), stdio))
  const onItsOwn = (script: string, stdio: Stdio): Connecting =>
    startConnecting(target, directArgv(target, shLine(onward, script)), stdio)

  const run = async (script: string, ends: SessionEnds, begin: typeof onItsOwn): Promise<Ran> => {
    const words: string[] = []
    let fds: ReturnType<typeof openEnds>
    try {
      fds = openEnds(ends)
    } catch (error) {
      return { status: error as Error, words, wrong: null } // deleted under us, or no descriptor left
    }
    const [stdin, stdout] = fds
    const isPoured = stdout !== 'ignore' && (shares || ends.mark !== null)
    const stdio = [stdin, isPoured ? 'pipe' : stdout, 'pipe'] as const
    const { child, wrong } = start(begin(script, stdio), words)
    const failed = isPoured ? await pour(child, ends.mark, stdout) : null
    for (const fd of fds) if (fd !== 'ignore') closeSync(fd)
    return { status: failed ?? (await child.exited), words, wrong: wrong() }
  }

  const pour = async (child: Child, mark: string | null, fd: number | 'ignore'): Promise<Error | null> => {
    if (child.stdout === null || fd === 'ignore') return null
    const poured = pourAfter(child.stdout, mark, fd)
    pours.set(child.stdout, poured)
    const failed = await poured
    pours.delete(child.stdout)
    if (failed !== null) child.kill()
    return failed
  }

  const session: NonNullable<Transport['session']> = (script, ends) => {
    let finished = false
    const ended = async (): Promise<Fault | null> => {
      let ran = await run(script, ends, overMaster)
      // MaxSessions 1, or a server that can't: a connection of its own. Refused means that nothing was run.
      if (ran.status === SSH_FAILED && ran.words.some((line) => REFUSED.test(line)))
        ran = await run(script, ends, onItsOwn)
      finished = ran.status === 0
      if (finished) return null
      if (ran.status instanceof Error) return { code: 'lost', evidence: ran.status.message }
      const fault = ran.wrong ?? readSshWords(ran.words, 'lost')
      return fault.evidence === SSH_SAID_NOTHING ? { ...fault, evidence: `a session ended with ${ran.status}` } : fault
    }
    return { ended: ended(), finished: () => finished }
  }

  return {
    control: () => {
      const command = shLine(onward, controlScript())
      const stdio = ['pipe', 'pipe', 'pipe'] as const
      master = start(
        shares
          ? unasking(startSsh(sessionArgv(target, command), stdio))
          : startConnecting(target, masterArgv(target, command), stdio),
        masterWords,
      )
      master.child.stdin?.write(launcherText())
      return master.child
    },
    session,
    ...(shares ? {} : { resends: () => master?.child.pid && countResends(master.child.pid) }),
    wasRefused: () => masterWords.some((line) => REFUSED.test(line)),
    explain: (status, noise, greeted) => {
      if (status instanceof Error) return explainNoStart(status)
      const wrong = master?.wrong() ?? null
      if (wrong !== null) return wrong
      if (greeted || status === SSH_FAILED || status === null) return readSshWords(masterWords, 'lost')
      if (onward.length > 0) return readHopWords(status, masterWords, noise)
      const evidence = noise.at(-1) ?? readSshWords(masterWords, 'no_shell').evidence
      return { code: 'no_shell', evidence: `sh ended with ${status}: ${evidence}` }
    },
    end: async () => {
      // The master first: as long as it lives it may write to the files of a client that is dead.
      master?.child.kill()
      await master?.child.exited
      for (const child of children) child.kill()
      await Promise.all([...children].map((child) => child.exited))
      // A shared one lives on, and holds the other end of these pipes.
      if (shares) for (const stream of pours.keys()) stream.destroy()
      await Promise.all(pours.values())
      if (!shares) rmSync(target.socket, { force: true })
    },
  }
}
