/** The chaperone's life: takes events one at a time, asks domain/step what follows, and does it in that order. */
import type { Effect, Event, Timer } from '../domain/events.ts'
import type { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Report } from '../domain/report.ts'
import { leaseOf } from '../domain/spec.ts'
import { step } from '../domain/step.ts'
import type { Link, LinkListener } from '../transport/link.ts'
import { startDrain } from './drain.ts'
import { noteMove } from './note-move.ts'
import type { World, Written } from './world.ts'

/** Milliseconds between tries to write a record while that is impossible (a full disk). */
const WRITE_AGAIN_MS = 1_000
/** A lease is renewed so many times before it would run out. */
const BEATS_PER_LEASE = 4

export interface Attendance {
  /** Resolves when nothing is left to do for the job here. */
  readonly over: Promise<void>
  /** Something may have been asked, or somebody came to look: look again. */
  readonly lookAgain: (how: 'knocked' | 'by itself') => void
  /** Ends the link and leaves; the job goes on, and another chaperone can take it up. */
  readonly stop: () => Promise<void>
}

export const attend = (world: World, start: Job): Attendance => {
  let job = start
  let link: Link | undefined
  let opening: { readonly giveUp: () => void; readonly over: Promise<void> } | undefined
  let busy = false
  let left = false
  const queue: Event[] = []
  const taken = new Set<string>()
  const timers = new Map<Timer | 'beat', () => void>()
  let cancelDrain = (): void => undefined
  let leave = (): void => undefined
  const over = new Promise<void>((resolve) => {
    leave = resolve
  })

  const dispatch = (event: Event): void => {
    queue.push(event)
    void run()
  }

  const run = async (): Promise<void> => {
    if (busy) return
    busy = true
    for (let event = queue.shift(); event !== undefined && !left; event = queue.shift()) {
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
    for (const cancel of timers.values()) cancel()
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
        void during(link, (current) =>
          current.signal(signal).then((told) => () => dispatch({ type: 'signaled', signal, ...told })),
        )
        return
      }
      case 'follow': {
        const sizes = world.sizes()
        if (sizes === null) return abandon('gone')
        link?.follow(sizes)
        return
      }
      case 'drain':
        cancelDrain()
        cancelDrain = startDrain(
          world,
          effect.upTo,
          () => link?.streamsEnded() ?? true,
          (sizes) => {
            world.mark()
            dispatch({ type: 'drained', sizes })
          },
        )
        return
      case 'collect':
        void collect()
        return
      case 'after':
        setTimer(effect.timer, effect.ms, () => dispatch({ type: 'due', timer: effect.timer }))
        return
      case 'cancel':
        timers.get(effect.timer)?.()
        timers.delete(effect.timer)
        return
      case 'answer':
        return write(() => world.answer(effect.request, effect.result))
      case 'note':
        world.note(effect.text)
        return
      case 'leave':
        quit()
    }
  }

  const setTimer = (name: Timer | 'beat', ms: number, callback: () => void): void => {
    timers.get(name)?.()
    timers.set(name, world.after(ms, callback))
  }

  /** Nothing that follows a record may happen before it is on disk, however long that takes. */
  const write = async (record: () => Written): Promise<void> => {
    for (let said = ''; ; ) {
      const written = record()
      if (written === 'written') return
      if (written === 'gone' || written === 'superseded') return abandon(written)
      if (written.blocked !== said) world.note(`the disk does not take it: ${written.blocked}`)
      said = written.blocked
      await new Promise<void>((resolve) => world.after(WRITE_AGAIN_MS, resolve))
    }
  }

  /** The job is not ours any more. What runs on the remote is left alone: it may be all that is left of the job. */
  const abandon = async (why: 'gone' | 'superseded'): Promise<void> => {
    world.note(
      why === 'gone' ? "the job's files were deleted here; leaving" : 'another chaperone owns this job; leaving',
    )
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
        if (current !== undefined && current === link) dispatch({ type: 'lost', fault })
      },
      onWords: (line) => world.note(`${world.spec.route.kind === 'hops' ? 'hop' : 'ssh'}: ${line}`),
    }
    const opened = await world.openLink(generation, job.prepared || job.begun !== null, listener, signal)
    const isUnwanted = signal.aborted || left || job.link.generation !== generation
    if (opened.ok && (lost !== undefined || isUnwanted)) await opened.link.close()
    if (isUnwanted) return
    opening = undefined
    if (!opened.ok) return dispatch({ type: 'failed', fault: opened.fault })
    if (lost !== undefined) return dispatch({ type: 'failed', fault: lost })
    current = opened.link
    link = current
    beat()
    dispatch({ type: 'connected', report: opened.report })
    for (const said of early) dispatch({ type: 'reported', report: said })
  }

  const beat = (): void => {
    const lease = leaseOf(world.spec)
    if (lease === null || link === undefined) return
    void link.beat()
    setTimer('beat', (lease * 1000) / BEATS_PER_LEASE, beat)
  }

  const disconnect = async (): Promise<void> => {
    cancelDrain()
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

  const takeRequests = (): void => {
    for (const request of world.readRequests()) {
      if (taken.has(request.id)) continue
      taken.add(request.id)
      dispatch({ type: 'asked', request })
    }
  }

  // What was asked while nobody was here comes first: a job that is to be killed is not launched.
  takeRequests()
  dispatch({ type: 'taken' })

  return {
    over,
    lookAgain: (how) => {
      if (world.sizes() === null) return void abandon('gone')
      if (how === 'knocked') dispatch({ type: 'knocked' })
      takeRequests()
    },
    stop: async () => {
      await disconnect()
      quit()
    },
  }
}
