// What must be true when everything is over.
import { hearEvent, nothingTold, tellChanges } from '../../src/domain/job-events.ts'
import { parseEvents } from '../../src/spool/event-file.ts'
import { parseRuns, summarizeRuns } from '../../src/spool/runs.ts'
import { jobOf } from '../../src/spool/state.ts'
import { textOf } from './law.ts'
import type { Machine } from './machine.ts'
import type { World } from './world.ts'

const has = (machine: Machine, name: string): boolean =>
  [...machine.processes.values()].some((process) => process.name === name)

/** The job has ended, and its last chaperone has left. */
export const isOver = ({ law, machine }: World): boolean => {
  const state = law.state()
  return state?.state === 'ended' && state.link.state === 'closed' && !has(machine, 'chaperone')
}

/** Each fire is run once at the most, noted once, and all notes are here. */
const checkSeries = ({ law, machine, host, paths }: World): void => {
  const { series, deletions } = host.truth
  if (series === null) return
  for (const [run, times] of series.begun)
    if (times > 1) law.violate('a fire is run once at the most', `run ${run} began ${times} times`)
  const numbers = parseRuns(series.notes).flatMap((note) => {
    if (note.kind === 'begun') return [note.run]
    return note.kind === 'missed' ? Array.from({ length: note.to - note.from + 1 }, (_, at) => note.from + at) : []
  })
  if (numbers.some((number, at) => number !== at + 1)) law.violate('each fire is noted once', series.notes)
  const node = machine.disk.find(paths.runs)
  const have = node?.kind === 'file' ? Buffer.from(node.bytes.buffer, node.bytes.byteOffset, node.size).toString() : ''
  if (deletions === 0 && law.state()?.outcome?.kind === 'exited' && have !== series.notes)
    law.violate('all notes are here', `${have}\ninstead of\n${series.notes}`)
  const { last } = summarizeRuns(parseRuns(series.notes))
  if (law.state()?.outcome?.kind === 'exited' && last !== null && last.end === null && last.lost === null)
    law.violate('each run is ended or lost', `run ${last.run}`)
}

/** Milliseconds before the end after which a request may have come too late to be answered. */
const TOO_LATE_MS = 15_000

export const checkEnd = (world: World): void => {
  const { law, machine, host, paths } = world
  const state = law.state()
  if (law.violation() !== undefined || state === undefined) return
  const { truth } = host
  checkSeries(world)
  if (truth.begun > 1 && truth.series === null)
    law.violate('a command runs at most once', `it began ${truth.begun} times`)
  if (state.outcome?.kind === 'refused' && truth.begun > 0)
    law.violate('no status is invented', 'refused, but it began')

  const isKnown = state.outcome?.kind === 'exited' || state.outcome?.kind === 'signaled'
  for (const stream of ['stdout', 'stderr'] as const) {
    const node = machine.disk.find(paths[stream])
    const have = node?.kind === 'file' ? node.size : -1
    const want = isKnown ? truth.recorded?.[stream] : state[stream].size
    if ((have !== want || have !== state[stream].size) && truth.deletions === 0)
      law.violate(
        'equality at the end',
        `${stream} has ${have} bytes of ${want}, and the state says ${state[stream].size}`,
      )
  }

  if (state.disk !== null) law.violate('nobody is left to say that there is room again', state.disk.evidence)
  for (const { signal, sent } of state.signals)
    if (sent !== null && !truth.delivered.has(signal)) law.violate('no delivery is invented', signal)
  for (const [id, { time, request }] of law.accepted) {
    const isAnswered = machine.disk.find(`${paths.requests}/${id}.answer`) !== undefined
    const inTime =
      world.kinds.every((kind) => kind !== 'chaperone stopped') && time < (law.endedAt() ?? 0) - TOO_LATE_MS
    if (!isAnswered && inTime) law.violate('a request is answered', `${request.kind} ${request.signal}`)
  }

  checkEvents(world)

  // What may run there is left as it is.
  if (state.outcome?.kind === 'unknown' && state.outcome.reason === 'gave_up') return
  // One in which nothing was launched, left by a reboot, is for the sweep of another job's launch.
  if (host.directory !== undefined && truth.deletions === 0 && !host.directory.isOrphan)
    law.violate('nothing is left on the remote', 'the directory')
  // What it was known by is deleted: nobody can find it any more.
  for (const { name } of host.processes)
    if (truth.deletions === 0 || !['command', 'supervisor', 'leftover'].includes(name))
      law.violate('nothing is left on the remote', name)
  for (const { name } of machine.processes.values()) law.violate('nothing is left here', name)
}

/** These can happen again. */
const REPEATABLE = ['connect_failed', 'link_restored', 'disk_full', 'disk_free']
/** What a job's last state may add. Where the chaperone was killed behind it, nobody tells it: readers take it from the state. */
const LAST = ['link_lost', 'ended', 'collected']

/** Each change of the job is told, once. */
const checkEvents = ({ law, machine, paths, kinds }: World): void => {
  const file = machine.disk.find(paths.events)
  const events = file?.kind === 'file' ? parseEvents(textOf(file)) : []
  const told = events
    .filter(({ event }) => !REPEATABLE.includes(event))
    .map(({ time: _, ...event }) => JSON.stringify(event))
  const twice = told.find((one, at) => told.indexOf(one) < at)
  if (twice !== undefined) law.violate('a change is told once', twice)
  // There may have been no room for a line, or the lines were lost with the power.
  if (law.lostPower() || kinds.includes('disk full here')) return
  const state = law.state()
  if (state === undefined) return
  const missing = tellChanges(events.reduce(hearEvent, nothingTold), jobOf(state), 1)
  for (const { event } of missing) if (!LAST.includes(event)) law.violate('each change is told', event)
}
