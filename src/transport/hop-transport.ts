/**
 * Hops as a transport: each session is a process of its own, made by `sudo`, `docker exec`, `ip netns exec` or whatever was given.
 * It may be somebody else's (sudo is root's), out of reach of our signals. So no such process ever holds a file of the spool for
 * writing: it has a pipe, which this process reads and can close.
 */
import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Fault } from '../domain/fault.ts'
import type { Hop } from '../domain/spec.ts'
import { type Child, childOf, isScarcity, neverStarted, type Stdio } from './child.ts'
import { readHopLoss, readHopWords } from './hop-words.ts'
import { composeHops } from './hops.ts'
import { controlScript, launcherText } from './launcher.ts'
import { pourAfter } from './pour-after.ts'
import { hearWords, openEnds } from './session-ends.ts'
import type { SessionEnds, Transport } from './transport.ts'

/** How long processes may take to end by themselves once their pipes are closed, and again once they are killed. */
const PATIENCE_MS = 1_000

const startHops = (hops: readonly Hop[], script: string, stdio: Stdio): Child => {
  const [program, ...args] = composeHops(hops, ['sh', '-c', script])
  try {
    return childOf(spawn(program, args, { stdio: [...stdio] }))
  } catch (error) {
    return neverStarted(Promise.resolve(error as Error)) // too long a command line, no memory
  }
}

const explainNoStart = ([{ argv }]: readonly [Hop, ...Hop[]], error: Error): Fault => ({
  code: isScarcity(error) ? 'lost' : 'no_program',
  evidence: `${argv[0]} can't be started: ${error.message}`,
})

export const hopTransport = (hops: readonly [Hop, ...Hop[]], onWords: (line: string) => void): Transport => {
  const children = new Set<Child>()
  const pours = new Set<Promise<unknown>>()
  const controlWords: string[] = []
  let control: Child | undefined

  const start = (script: string, stdio: Stdio, words: string[]): Child => {
    const child = startHops(hops, script, stdio)
    children.add(child)
    void child.exited.then(() => children.delete(child))
    hearWords(child, words, onWords)
    return child
  }

  const run = async (script: string, ends: SessionEnds): Promise<Fault | null> => {
    const words: string[] = []
    let fds: ReturnType<typeof openEnds>
    try {
      fds = openEnds(ends)
    } catch (error) {
      return { code: 'lost', evidence: (error as Error).message } // deleted under us, or no descriptor left
    }
    const [stdin, stdout] = fds
    const child = start(script, [stdin, stdout === 'ignore' ? 'ignore' : 'pipe', 'pipe'], words)
    const failed = child.stdout === null || stdout === 'ignore' ? null : await pour(child.stdout, ends.mark, stdout)
    for (const fd of fds) if (fd !== 'ignore') closeSync(fd)
    if (failed !== null) return { code: 'lost', evidence: failed.message }
    const status = await child.exited
    if (status === 0) return null
    return status instanceof Error ? explainNoStart(hops, status) : readHopLoss(status, words)
  }

  const pour = async (stream: NonNullable<Child['stdout']>, mark: string | null, fd: number): Promise<Error | null> => {
    const poured = pourAfter(stream, mark, fd)
    pours.add(poured)
    const failed = await poured
    pours.delete(poured)
    return failed
  }

  return {
    control: () => {
      control = start(controlScript(), ['pipe', 'pipe', 'pipe'], controlWords)
      control.stdin?.write(launcherText())
      return control
    },
    session: (script, ends) => {
      let finished = false
      const ended = run(script, ends).then((fault) => {
        finished = fault === null
        return fault
      })
      return { ended, finished: () => finished }
    },
    explain: (status, noise, greeted) => {
      if (status instanceof Error) return explainNoStart(hops, status)
      return greeted ? readHopLoss(status, controlWords) : readHopWords(status, controlWords, noise)
    },
    end: async () => {
      // The control's end of file reaches the other end, where it ends the others; a signal of ours may not.
      control?.stdin?.end()
      for (const child of children) if (child !== control) child.stdout?.destroy()
      await Promise.all(pours)
      await allExited(children)
      const dying = [...children].filter((child) => child.kill())
      await allExited(dying)
      // What is left can't be ended from here. It has no file, and now nothing to talk to.
      for (const { stdin, stdout, stderr } of children) for (const stream of [stdin, stdout, stderr]) stream?.destroy()
    },
  }
}

/** Waits for them, but not for ever. */
const allExited = async (children: Iterable<Child>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS)
  })
  await Promise.race([Promise.all([...children].map(({ exited }) => exited)), patience])
  clearTimeout(timer)
}
