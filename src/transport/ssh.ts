/** OpenSSH as a transport. One process is the connection, the control session and the private master of all other sessions. */
import { closeSync, rmSync } from 'node:fs'
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
import { explainNoStart, startSsh } from './start-ssh.ts'
import type { SessionEnds, Transport } from './transport.ts'

/** ssh's exit status for whatever went wrong on its side. */
const SSH_FAILED = 255

/** What a client says when the server grants no further session on its connection. */
export const REFUSED = /Session open refused by peer|session request failed|open failed/

interface Ran {
  readonly status: number | null | Error
  readonly words: readonly string[]
}

/** @param onward what every session passes through from where ssh ends */
export const sshTransport = (target: SshTarget, onward: readonly Hop[], onWords: (line: string) => void): Transport => {
  const children = new Set<Child>()
  const pours = new Set<Promise<unknown>>()
  const masterWords: string[] = []
  let master: Child | undefined

  const start = (args: readonly string[], stdio: Stdio, words: string[]): Child => {
    const child = startSsh(args, stdio)
    children.add(child)
    void child.exited.then(() => children.delete(child))
    hearWords(child, words, onWords)
    return child
  }

  const run = async (script: string, ends: SessionEnds, argv: typeof sessionArgv): Promise<Ran> => {
    const words: string[] = []
    let fds: ReturnType<typeof openEnds>
    try {
      fds = openEnds(ends)
    } catch (error) {
      return { status: error as Error, words } // deleted under us, or no descriptor left
    }
    const [stdin, stdout] = fds
    const child = start(
      argv(target, shLine(onward, script)),
      [stdin, ends.mark === null ? stdout : 'pipe', 'pipe'],
      words,
    )
    const failed = ends.mark === null ? null : await pour(child, ends.mark, stdout)
    for (const fd of fds) if (fd !== 'ignore') closeSync(fd)
    return { status: failed ?? (await child.exited), words }
  }

  const pour = async (child: Child, mark: string, fd: number | 'ignore'): Promise<Error | null> => {
    if (child.stdout === null || fd === 'ignore') return null
    const poured = pourAfter(child.stdout, mark, fd)
    pours.add(poured)
    const failed = await poured
    pours.delete(poured)
    if (failed !== null) child.kill()
    return failed
  }

  const session: NonNullable<Transport['session']> = (script, ends) => {
    let finished = false
    const ended = async (): Promise<Fault | null> => {
      let ran = await run(script, ends, sessionArgv)
      // MaxSessions 1, or a server that can't: a connection of its own. Refused means that nothing was run.
      if (ran.status === SSH_FAILED && ran.words.some((line) => REFUSED.test(line)))
        ran = await run(script, ends, directArgv)
      finished = ran.status === 0
      if (finished) return null
      if (ran.status instanceof Error) return { code: 'lost', evidence: ran.status.message }
      const fault = readSshWords(ran.words, 'lost')
      return fault.evidence === SSH_SAID_NOTHING ? { ...fault, evidence: `a session ended with ${ran.status}` } : fault
    }
    return { ended: ended(), finished: () => finished }
  }

  return {
    control: () => {
      const command = shLine(onward, controlScript())
      master = start(masterArgv(target, command), ['pipe', 'pipe', 'pipe'], masterWords)
      master.stdin?.write(launcherText())
      return master
    },
    session,
    explain: (status, noise, greeted) => {
      if (status instanceof Error) return explainNoStart(status)
      if (greeted || status === SSH_FAILED || status === null) return readSshWords(masterWords, 'lost')
      if (onward.length > 0) return readHopWords(status, masterWords, noise)
      const evidence = noise.at(-1) ?? readSshWords(masterWords, 'no_shell').evidence
      return { code: 'no_shell', evidence: `sh ended with ${status}: ${evidence}` }
    },
    end: async () => {
      // The master first: as long as it lives it may write to the files of a client that is dead.
      master?.kill()
      await master?.exited
      for (const child of children) child.kill()
      await Promise.all([...children].map((child) => child.exited))
      await Promise.all(pours)
      rmSync(target.socket, { force: true })
    },
  }
}
