// The listening sshd process: started, seen to listen, frozen, ended.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { readProcess } from './processes.ts'
import { needProgram } from './programs.ts'
import { signalIfThere } from './signals.ts'
import type { SshdFiles } from './sshd-files.ts'
import { until, untilSeen } from './until.ts'

export interface Listener {
  readonly pid: number
  /** Stop it in its tracks, so that its children can be counted while no new ones come. */
  freeze(): Promise<void>
  end(): Promise<void>
}

/** Somebody else listens on the port. */
export class PortTaken extends Error {}

/** @param prefix what stands before sshd on its command line: a program that gives it a world of its own */
export async function startListener(files: SshdFiles, prefix: readonly string[] = []): Promise<Listener> {
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const log = await open(files.log, 'a')
  const { size: logStart } = await stat(files.log)
  // The parent may be killed at any time (a test run that is interrupted): the server shall not outlive it.
  const child = spawn(
    needProgram('setpriv'),
    ['--pdeathsig', 'TERM', '--', ...prefix, needProgram('sshd'), '-D', '-e', '-f', files.serverConfig],
    { stdio: ['ignore', log.fd, log.fd] },
  )
  let hasEnded = false
  const ended = once(child, 'exit').then(() => {
    hasEnded = true
  })
  await log.close()

  await until(
    async () => {
      const words = (await readFile(files.log, 'utf8')).slice(logStart)
      return hasEnded || words.includes('Server listening on')
    },
    { deadline: 10_000, what: 'sshd to listen' },
  )
  if (hasEnded) throw await explainEnd(files)
  const { pid } = child
  if (pid === undefined) throw new Error('sshd has no pid')

  return {
    pid,
    async freeze() {
      signalIfThere(pid, 'SIGSTOP')
      await untilSeen(
        () => readProcess(pid)?.state ?? 'gone',
        (state) => state === 'T' || state === 'Z' || state === 'gone',
        { deadline: 5_000, what: 'sshd to be stopped' },
      )
    },
    async end() {
      // A child of ours that has not ended yet keeps its pid; SIGKILL also ends one that is frozen.
      if (!hasEnded) signalIfThere(pid, 'SIGKILL')
      await ended
    },
  }
}

async function explainEnd(files: SshdFiles): Promise<Error> {
  const words = await readFile(files.log, 'utf8')
  return words.includes('Address already in use') ? new PortTaken(words) : new Error(`sshd did not start: ${words}`)
}
