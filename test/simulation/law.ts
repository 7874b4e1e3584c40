// The law of architecture.md, checked at every step of a simulated world and at its end. test/rig/invariants.ts asks the same of real ones.
import * as v from 'valibot'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Request as AnyRequest, Limits } from '../../src/domain/spec.ts'
import type { JobPaths } from '../../src/spool/layout.ts'
import { type StateRecord, stateRecord } from '../../src/spool/schema.ts'
import type { Stream } from '../../src/spool/timeline.ts'
import { contentOf } from './content.ts'
import type { DiskFile, DiskNode } from './disk.ts'
import type { Machine } from './machine.ts'
import type { Truth } from './truth.ts'
import { findEndingFault } from './truthful.ts'

/** Nobody sends input there. */
type Request = Exclude<AnyRequest, { kind: 'input' }>

export interface Violation {
  readonly law: string
  readonly detail: string
}

export interface Law {
  readonly violation: () => Violation | undefined
  readonly violate: (law: string, detail: string) => void
  /** The newest state that anybody could read. */
  readonly state: () => StateRecord | undefined
  readonly accepted: ReadonlyMap<string, { readonly request: Request; readonly time: number }>
  readonly endedAt: () => number | undefined
  readonly onAccepted: (request: Request) => void
  readonly onConnect: (generation: number) => void
  readonly onFollow: (stream: Stream | 'runs', generation: number) => void
  readonly onAppend: (stream: Stream | 'runs', generation: number, file: DiskFile, start: number) => void
  /** A file has just become visible under this name. */
  readonly onPublished: (path: string, node: DiskNode) => void
  readonly onPowerLoss: () => void
  /** Did the power fail at any time? */
  readonly lostPower: () => boolean
  readonly onCopied: (stream: Stream, offset: number, bytes: Uint8Array) => void
}

export const textOf = ({ bytes, size }: DiskFile): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, size).toString()

export const startLaw = (
  machine: Machine,
  truth: Truth,
  paths: () => JobPaths,
  permanent: ReadonlySet<string>,
  limits: () => Limits,
): Law => {
  let violation: Violation | undefined
  let newest: StateRecord | undefined
  let endedAt: number | undefined
  let published: Outcome | undefined
  let hasPowerFailed = false
  let powerLosses = 0
  let generations = 0
  const followed = { stdout: 0, stderr: 0, runs: 0 }
  const accepted = new Map<string, { request: Request; time: number }>()

  const violate = (law: string, detail: string): void => {
    violation ??= { law, detail }
  }

  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text)
    } catch (error) {
      violate('a record is always whole', (error as SyntaxError).message)
      return undefined
    }
  }

  const read = (text: string): StateRecord | undefined => {
    const record = parse(text)
    if (record === undefined) return undefined
    const parsed = v.safeParse(stateRecord, record)
    if (parsed.success) return parsed.output
    violate('a record is always whole', parsed.issues[0].message)
    return undefined
  }

  /** What of a file would survive a power cut for certain. */
  const durable = (path: string): string | undefined => {
    const { parent, name } = machine.disk.findParent(path)
    const node = parent?.synced.get(name)
    return node?.kind === 'file' && node.synced === node.size ? textOf(node) : undefined
  }

  const durableState = (): StateRecord | undefined => {
    const text = durable(paths().state)
    return text === undefined ? undefined : read(text)
  }

  const onState = (state: StateRecord): void => {
    const before = newest
    newest = state
    if (before !== undefined && !hasPowerFailed) {
      if (before.state === 'ended' && state.state !== 'ended') violate('one outcome', 'an ended job goes on')
      if (before.intent.kind === 'stop' && state.intent.kind === 'run')
        violate('no request is lost', 'a stop is forgotten')
      if (before.link.generation > state.link.generation) violate('a generation only grows', 'a state goes back')
    }
    hasPowerFailed = false
    if (state.link.state === 'closed' && [...machine.processes.values()].some(({ name }) => name.startsWith('ssh')))
      violate('a closed link is gone', 'an ssh lives')
    if (state.state !== 'ended' || state.outcome === null) return
    const { outcome } = state
    if (published !== undefined && tell(published) !== tell(outcome))
      violate('one outcome', `${tell(published)} became ${tell(outcome)}`)
    if (published !== undefined) return
    published = outcome
    endedAt = machine.clock.now()
    const stops = [...accepted.values()].some(({ request }) => request.kind === 'stop')
    const fault = findEndingFault(state, truth, { stops, permanent, limits: limits(), age: machine.clock.now() })
    if (fault !== undefined) violate('no status is invented', fault)
    for (const stream of ['stdout', 'stderr'] as const) checkComplete(stream, state)
  }

  const checkComplete = (stream: Stream, state: StateRecord): void => {
    const node = machine.disk.find(paths()[stream])
    const have = node?.kind === 'file' ? node.size : -1
    if (state[stream].size !== have)
      violate('sizes are told', `${stream} has ${have} bytes, and the state says ${state[stream].size}`)
    const want = truth.recorded?.[stream] ?? null
    const isKnown = state.outcome?.kind === 'exited' || state.outcome?.kind === 'signaled'
    if (isKnown && want !== have && truth.deletions === 0)
      violate('ended means complete', `${stream} has ${have} bytes of ${want}`)
  }

  const onAnswer = (id: string, text: string): void => {
    const { result } = JSON.parse(text)
    const request = accepted.get(id)?.request
    if (durable(`${paths().requests}/${id}.json`) === undefined || request === undefined) return
    const state = durableState()
    const isThere =
      state !== undefined &&
      (state.state === 'ended' ||
        state.signals.some(({ asked, signal }) => asked === request.time && signal === request.signal) ||
        (result === 'stopping' && state.intent.kind === 'stop' && state.intent.signal === request.signal))
    if (!isThere) violate('a request is on disk before it is answered', `${request.kind} ${request.signal}: ${result}`)
  }

  return {
    violation: () => violation,
    violate,
    state: () => newest,
    accepted,
    endedAt: () => endedAt,
    onAccepted: (request) => {
      accepted.set(request.id, { request, time: machine.clock.now() })
    },
    onConnect: (generation) => {
      if (generation <= generations) violate('a generation only grows', `${generation} after ${generations}`)
      generations = Math.max(generations, generation)
      const known = durableState()?.link.generation ?? -1
      if (known < generation) violate("a link's number is on disk before it is used", `${generation}, on disk ${known}`)
    },
    onFollow: (stream, generation) => {
      followed[stream] = Math.max(followed[stream], generation)
    },
    onAppend: (stream, generation, file, start) => {
      if (generation < followed[stream])
        violate('one link writes a stream', `${stream}: link ${generation} after ${followed[stream]}`)
      if (file.size !== start) violate('prefix', `${stream}: bytes from ${start} are put at ${file.size}`)
    },
    onPublished: (path, node) => {
      if (node.kind !== 'file') return
      if (path === paths().state) {
        // Chap's readers, of whom there are many, check each field of it; here that would take a tenth of the time.
        const state = parse(textOf(node)) as StateRecord | undefined
        if (state !== undefined) onState(state)
      } else if (path.endsWith('.answer')) onAnswer(path.slice(paths().requests.length + 1, -7), textOf(node))
    },
    lostPower: () => powerLosses > 0,
    onPowerLoss: () => {
      hasPowerFailed = true
      powerLosses += 1
      const node = machine.disk.find(paths().state)
      if (node?.kind !== 'file') return violate('a record is always whole', 'state.json is gone')
      const state = read(textOf(node))
      if (state === undefined) return
      newest = state
      // It was seen in the moment before it was durable, by readers that are gone as well.
      if (state.state !== 'ended') published = undefined
    },
    onCopied: (stream, offset, bytes) => {
      if (!Buffer.from(contentOf(stream, offset, offset + bytes.length)).equals(bytes))
        violate('a watcher shows a prefix', `${stream} differs after byte ${offset}`)
    },
  }
}

const tell = (outcome: Outcome): string => {
  const { kind } = outcome
  if (kind === 'exited') return `exited ${outcome.code}`
  return kind === 'signaled' ? `signaled ${outcome.signal}` : `${kind} ${outcome.reason}`
}
