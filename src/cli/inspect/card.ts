/** All that is known of a job, as a person reads it: sections of labelled lines. What there is nothing to say of is left out. */
import { statSync } from 'node:fs'
import {
  type GroupPlace,
  type JobView,
  type Limits,
  type LogFileView,
  measureDisk,
  readGaps,
  readLastLine,
  type Spec,
  seriesOf,
  spellSeconds,
  viewLogFile,
  viewRuns,
} from '../../index.ts'
import { cardOfCallback } from '../callback-words.ts'
import { wordsOfGap } from '../gap-words.ts'
import { commandOf, formatSize } from '../job-row.ts'
import { cardOfOnExit } from '../on-exit-words.ts'
import { wordsOfReadFault } from '../problem-words.ts'
import { safeLine, safeText, showArgv } from '../safe-text.ts'
import { cardOfSeries } from '../series-words.ts'
import { chaperoneLines, signalLines, stateLines, timeLines } from './card-of-state.ts'
import { type Card, type Line, lineOfTime, linesOf, linesOfWords } from './line.ts'

/** @param now milliseconds since the epoch */
export const cardOf = (view: JobView, now: number): Card => {
  const { id, spec, state } = view
  const known = spec.ok ? spec.value : undefined
  const sections: readonly (readonly Line[])[] = [
    [
      { label: 'job', text: id },
      ...(known === undefined ? [] : nameOf(known)),
      ...stateLines(view, now),
      ...[spec, state].flatMap((read) =>
        read.ok ? [] : [{ label: 'unreadable', text: wordsOfReadFault(read.fault) }],
      ),
    ],
    known === undefined ? [] : [...whatOf(known), ...whereOf(known)],
    [...(known === undefined ? [] : madeAt(known, now)), ...timeLines(view, now), ...runLines(view, now)],
    outputOf(view),
    [
      ...(known?.group == null ? [] : [{ label: 'group', text: wordsOfGroup(known.group) }]),
      ...(known?.rerunOf == null ? [] : [{ label: 'rerun of', text: safeText(known.rerunOf) }]),
      ...linesOf(cardOfOnExit(view)),
      ...linesOf(cardOfCallback(view, now)),
    ],
    [...signalLines(view), ...chaperoneLines(view, now)],
  ]
  return sections.filter((lines) => lines.length > 0)
}

const nameOf = ({ name, labels }: Spec): Line[] => [
  ...(name === null ? [] : [{ label: 'name', text: safeText(name) }]),
  ...Object.entries(labels).map(([key, value]) => ({ label: 'label', text: `${safeText(key)}=${safeText(value)}` })),
]

const whatOf = (spec: Spec): Line[] => {
  const { cwd, env, inherit, unset, hasStdin, stdinOpen, limits, lease } = spec
  const names = Object.keys(env).map(safeText)
  const timers = wordsOfLimits(limits, lease)
  return [
    { label: 'command', text: commandOf(spec) },
    ...(cwd === null ? [] : [{ label: 'directory', text: safeText(cwd) }]),
    ...(names.length === 0 ? [] : [{ label: 'environment', text: names.join(' ') }]),
    ...(inherit === true
      ? []
      : [{ label: 'inherits', text: inherit === false ? 'nothing' : inherit.map(safeText).join(' ') }]),
    ...(unset.length === 0 ? [] : [{ label: 'without', text: unset.map(safeText).join(' ') }]),
    ...(hasStdin
      ? [{ label: 'stdin', text: stdinOpen ? 'open: chap send gives it more' : 'what was read at the start' }]
      : []),
    ...(timers === '' ? [] : [{ label: 'limits', text: timers }]),
  ]
}

const wordsOfLimits = (
  { giveUpAfter, timeout, idleTimeout, maxOutput, onMaxOutput }: Limits,
  lease: number | null,
): string =>
  [
    ...Object.entries({
      'to begin': giveUpAfter,
      'to run': timeout,
      'without output': idleTimeout,
      'without a chaperone': lease,
    }).flatMap(([what, seconds]) => (seconds === null ? [] : [`${spellSeconds(seconds)} ${what}`])),
    ...(maxOutput === null ? [] : [`${formatSize(maxOutput)} of output${onMaxOutput === 'keep' ? ' kept' : ''}`]),
  ].join(', ')

const whereOf = (spec: Spec): Line[] => {
  const { host, route, plain, onDisconnect, sharesConnection } = spec
  const hops = route.kind === 'ssh' ? route.onward : route.kind === 'hops' ? route.hops : []
  const ways = [
    ...(plain ? ['plain: without the launcher'] : []),
    ...(onDisconnect === 'kill' && !plain ? ['ends with its connection'] : []),
    ...(sharesConnection ? ['over a shared connection'] : []),
  ]
  return [
    { label: 'host', text: safeText(host ?? 'this machine') },
    ...(hops.length === 0
      ? []
      : [{ label: 'by way of', text: hops.map(({ argv }) => safeText(showArgv(argv))).join(', then ') }]),
    ...(ways.length === 0 ? [] : [{ label: 'how', text: ways.join(', ') }]),
  ]
}

const madeAt = ({ created: { time, user, host } }: Spec, now: number): Line[] => [
  lineOfTime('created', time, now, `, by ${safeText(user)}@${safeText(host)}`),
]

/** Where it lies, with what of it there is. */
const outputOf = ({ spec, state, paths }: JobView): Line[] => {
  const sizes = state.ok ? state.value.job.sizes : null
  const sizeOf = (stream: 'stdout' | 'stderr'): number =>
    sizes?.[stream] ?? statSync(paths[stream], { throwIfNoEntry: false })?.size ?? 0
  const last = safeLine(readLastLine(paths).text)
  const logFile = spec.ok ? viewLogFile(spec.value, paths) : null
  return [
    ...(['stdout', 'stderr'] as const).map((stream) => ({
      label: stream,
      text: formatSize(sizeOf(stream)).padEnd(SIZE_WIDTH),
      note: safeText(paths[stream]),
    })),
    ...Object.entries(readGaps(paths)).map(([stream, gap]) => ({ label: 'gap', text: wordsOfGap(stream, gap) })),
    ...(last === '' ? [] : [{ label: 'last line', text: last }]),
    ...(logFile === null ? [] : logFileLines(logFile)),
    { label: 'files', text: formatSize(measureDisk(paths.dir)).padEnd(SIZE_WIDTH), note: safeText(paths.dir) },
  ]
}

const logFileLines = ({ file, fault }: LogFileView): Line[] => {
  if (fault === null) return [{ label: 'log file', text: safeText(file) }]
  return linesOfWords('log file', {
    message: `${safeText(file)} can't be written: ${safeText(fault)}`,
    hint: 'its lines come when it can be; when the job has ended, it is tried for a minute more',
  })
}

const SIZE_WIDTH = 4

const runLines = (view: JobView, now: number): Line[] => {
  const series = seriesOf(view.spec)
  if (series === null) return []
  return linesOf(cardOfSeries(view.state.ok ? view.state.value.job : null, series, viewRuns(view), now))
}

const wordsOfGroup = ({ id, index, size, maxParallel, failFast, retryOf }: GroupPlace): string =>
  [
    `${id}, ${index + 1} of ${size}`,
    ...(maxParallel === null ? [] : [`${maxParallel} at a time`]),
    ...(failFast ? ['the first failure ends all'] : []),
    ...(retryOf === null ? [] : [`what failed in ${retryOf}`]),
  ].join(', ')
