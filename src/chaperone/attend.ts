/** The chaperone's life: takes events one at a time, asks domain/step what follows, and does it in that order. */
import type { Effect, Event } from '../domain/events.ts'
import type { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Report } from '../domain/report.ts'
import { step } from '../domain/step.ts'
import type { Link, LinkListener } from '../transport/link.ts'
import type { Attendance } from './attendance.ts'
import { startBeats } from './beats.ts'
import { startDrain } from './drain.ts'
import { blameDisk, lookForRoom, writeUntilDone } from './full-disk.ts'
import { noteLeaving, noteMove, noteWords } from './notes.ts'
import { startRequests } from './requests.ts'
import { isStored } from './take-input.ts'
import { startTimers } from './timers.ts'
import type { World, Written } from './world.ts'

export const attend = (world: World, start: Job): Attendance => {
  let job = start
  let link: Link | undefined
  let opening: { readonly giveUp: () => void; readonly over: Promise<void> } | undefined
  let busy = false
  let left = false
  let isHeld = false
  const queue: Event[] = []
  const timers = startTimers(world)
  const beat = startBeats(world, timers, () => link)
  let cancelDrain = (): void => undefined
  let leave = (): void => undefined
  const over = new Promise<void>((resolve) => {
    leave = resolve
  })

  const dispatch = (event: Event): void => {
    queue.push(event)
    void run()
  }

  const requests = startRequests(world, dispatch)

  const run = async (): Promise<void> => {
    if (busy) return
    busy = true
    for (let event = queue.shift(); event !== undefined && !left; event = queue.shift()) {
      if (!isStored(world, job, event)) {
        if (event.type === 'asked') requests.putBack(event.request.id) // so the next look finds it again
        continue
      }
      const before = job
      const { job: after, effects } = step(job, event, {
        spec: world.spec,
        now: new Date(world.now()).toISOString(),
        random: world.random(),
      })
      job = after
      noteMove(world, before, event, after)
      for (const effect of effects) if (!left) await perform(effect)
    }
    busy = false
  }

  const quit = (): void => {
    left = true
    timers.cancelAll()
    cancelDrain()
    leave()
  }

  const perform = async (effect: Effect): Promise<void> => {
    switch (effect.type) {
      case 'save':
        return write(() => world.save(job))
      case 'connect': {
        const giveUp = new AbortController()
        opening = { giveUp: () => giveUp.abort(), over: connect(effect.generation, giveUp.signal) }
        return
      }
      case 'disconnect':
        return disconnect()
      case 'prepare':
      case 'launch':
      case 'look':
        return report(link?.[effect.type]())
      case 'signal': {
        const { signal } = effect
        const isStop = job.intent.kind === 'stop'
        void during(link, (current) =>
          current.signal(signal, isStop).then((told) => () => dispatch({ type: 'signaled', signal, ...told })),
        )
        return
      }
      case 'continue': {
        const have = world.sizes()
        return have === null ? abandon('gone') : report(link?.goOn(have, world.reached()))
      }
      case 'follow':
        return follow()
      case 'feed':
        return link?.feed(effect.input)
      case 'resume':
        return isHeld ? follow() : undefined
      case 'drain':
        cancelDrain()
        cancelDrain = startDrain(
          world,
          effect.upTo,
          () => link?.streamsEnded() ?? true,
          () => isHeld,
          (sizes) => dispatch({ type: 'drained', sizes }),
        )
        return
      case 'collect':
        void collect()
        return
      case 'after':
        return timers.set(effect.timer, effect.ms, () => dispatch({ type: 'due', timer: effect.timer }))
      case 'cancel':
        return timers.cancel(effect.timer)
      case 'answer':
        return write(() => world.answer(effect.request, effect.result))
      case 'note':
        return world.note(effect.text)
      case 'leave':
        quit()
    }
  }

  const write = async (record: () => Written): Promise<void> => {
    const written = await writeUntilDone(world, record, (full) => {
      // One that leaves won't be here to say that there is room again.
      if (job.disk !== null || job.link.status === 'closed') return false
      job = { ...job, disk: full }
      return true
    })
    if (written !== 'written') return abandon(written)
  }

  /** What ssh can't write it loses without a word, and its link with it: while the disk is full, none is asked to. */
  const follow = async (): Promise<void> => {
    isHeld = job.disk !== null
    if (isHeld) return
    const sizes = world.sizes()
    if (sizes === null) return abandon('gone')
    link?.follow(sizes)
  }

  const dispatchFault = (type: 'lost' | 'failed', fault: Fault): void => {
    for (const event of blameDisk(world, job, type, fault)) dispatch(event)
  }

  /** The job is not ours any more. What runs on the remote is left alone: it may be all that is left of the job. */
  const abandon = async (why: 'gone' | 'superseded'): Promise<void> => {
    noteLeaving(world, why)
    await disconnect()
    quit()
  }

  /** Calls back only if the link is still the one it was: what an older one says late is of no account. */
  const during = async (current: Link | undefined, ask: (link: Link) => Promise<() => void>): Promise<void> => {
    if (current === undefined) return
    const tell = await ask(current)
    if (current === link) tell()
  }

  const report = async (asked: Promise<Report> | undefined): Promise<void> => {
    void during(link, async () => {
      const said = await asked
      return () => said !== undefined && dispatch({ type: 'reported', report: said })
    })
  }

  const connect = async (generation: number, signal: AbortSignal): Promise<void> => {
    let lost: Fault | undefined
    let current: Link | undefined
    const early: Report[] = [] // said right behind the greeting, before anybody here knows of the link
    const listener: LinkListener = {
      onReport: (said) => {
        if (current === undefined) early.push(said)
        else if (current === link) dispatch({ type: 'reported', report: said })
      },
      onLost: (fault) => {
        lost = fault
        if (current !== undefined && current === link) dispatchFault('lost', fault)
      },
      onFed: (has) => {
        if (current !== undefined && current === link) dispatch({ type: 'fed', has })
      },
      onWords: (line) => noteWords(world, line),
    }
    const opened = await world.openLink(generation, job.prepared || job.begun !== null, listener, signal)
    const isUnwanted = signal.aborted || left || job.link.generation !== generation
    if (opened.ok && (lost !== undefined || isUnwanted)) await opened.link.close()
    if (isUnwanted) return
    opening = undefined
    if (!opened.ok) return dispatchFault('failed', opened.fault)
    if (lost !== undefined) return dispatch({ type: 'failed', fault: lost })
    current = opened.link
    link = current
    beat()
    dispatch({ type: 'connected', report: opened.report })
    for (const said of early) dispatch({ type: 'reported', report: said })
  }

  const disconnect = async (): Promise<void> => {
    cancelDrain()
    isHeld = false
    const [ending, unopened] = [link, opening]
    link = undefined
    opening = undefined
    unopened?.giveUp()
    await unopened?.over
    await ending?.close()
  }

  const collect = async (): Promise<void> => {
    const evidence = await world.verify(job)
    await during(link, async (current) => {
      if (evidence !== undefined) return () => dispatch({ type: 'kept', evidence })
      const removed = await current.discard()
      return () => dispatch(removed ? { type: 'collected' } : { type: 'kept', evidence: 'it could not be removed' })
    })
  }

  // What was asked while nobody was here comes first: a job that is to be killed is not launched.
  requests.take()
  dispatch({ type: 'taken' })

  return {
    over,
    lookAgain: (how) => {
      if (world.sizes() === null) return void abandon('gone')
      if (how === 'knocked') dispatch({ type: 'knocked' })
      requests.take()
    },
    lookAtDisk: () => {
      // If it is busy, it may be waiting for just that.
      if (!busy) for (const event of lookForRoom(world, job)) dispatch(event)
      return job.disk !== null
    },
    listen: (asks) => link?.listen(asks) ?? false,
    stop: async () => {
      await disconnect()
      quit()
    },
  }
}
