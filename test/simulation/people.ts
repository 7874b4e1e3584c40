// Those who use chap: they ask for signals, look on with a terminal, and recover what lost its chaperone.
import type { Signal } from '../../src/domain/signals.ts'
import { ringDoorbell } from '../../src/spool/doorbell.ts'
import { newRequestId, putRequest } from '../../src/spool/requests.ts'
import type { Stream } from '../../src/spool/timeline.ts'
import { followJob } from '../../src/watcher/follow.ts'
import { isLeftUncollected, viewJob } from '../../src/watcher/job-view.ts'
import { recoverJob } from '../../src/watcher/recover.ts'
import type { Sink } from '../../src/watcher/source.ts'
import type { Process } from './machine.ts'
import { stage } from './stage.ts'

export type Wish =
  | { readonly kind: 'stop'; readonly signal: Signal; readonly grace: number }
  | { readonly kind: 'signal'; readonly signal: Signal }

/** Starts a process that does one thing and goes. */
export const startPerson = (name: string, ms: number, work: () => Promise<void> | void): Process => {
  const { machine } = stage()
  const process = machine.spawn(name)
  machine.wake(process, ms, () => {
    const go = async (): Promise<void> => {
      await work()
      machine.kill(process)
    }
    go().catch((error: unknown) => machine.onFailure(process, error))
  })
  return process
}

/** Asks, as chap kill does; again after a while as long as the disk does not take it. */
export const askFor = (wish: Wish, ms: number): void => {
  const { machine, law, paths } = stage()
  startPerson('chap kill', ms, () => {
    const now = machine.clock.wall()
    const id = newRequestId(new Date(now), String(machine.random.int(1_000_000)))
    const by = { user: 'u', host: 'here', pid: 1 }
    const request = { ...wish, id, time: new Date(now).toISOString(), by }
    try {
      putRequest(paths, request)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      return askFor(wish, 1_000)
    }
    machine.trace.note(machine.clock.now(), 'asked:', wish.kind, wish.signal)
    law.onAccepted(request)
    // Now and then the bell is forgotten: its asker died.
    if (machine.random.chance(0.9)) ringDoorbell(paths.doorbell)
  })
}

/** Follows the job with a terminal that is sometimes slow. */
export const lookOn = (ms: number): void => {
  const { machine, law, paths } = stage()
  const isSlow = machine.random.chance(0.2)
  startPerson('chap attach', ms, async () => {
    const { current, wake, random } = machine
    const process = current()
    const seen = { stdout: 0, stderr: 0 }
    const sinkFor = (stream: Stream): Sink => ({
      write: async (bytes) => {
        law.onCopied(stream, seen[stream], bytes)
        seen[stream] += bytes.length
        if (isSlow)
          await new Promise<void>((resolve) => {
            wake(process, random.between(0, 500), resolve)
          })
        return true
      },
    })
    const sinks = { stdout: sinkFor('stdout'), stderr: sinkFor('stderr') }
    const followed = await followJob(paths, { sinks, from: { stdout: 0, stderr: 0 } })
    machine.trace.note(machine.clock.now(), 'an attach ends:', followed.kind)
    if (followed.kind === 'unattended') return
    if (followed.kind !== 'ended') return law.violate('a watcher sees the end', JSON.stringify(followed))
    const { sizes } = followed.state.job
    if (sizes?.stdout !== seen.stdout || sizes.stderr !== seen.stderr)
      law.violate('a watcher shows all of it', `${JSON.stringify(seen)} of ${JSON.stringify(sizes)}`)
  })
}

/** chap recover --all */
export const recoverAll = (ms: number): void => {
  const { machine, paths } = stage()
  startPerson('chap recover', ms, async () => {
    const view = viewJob(paths, machine.clock.wall())
    if (view.verdict === 'orphaned' || isLeftUncollected(view)) await recoverJob(paths)
  })
}
