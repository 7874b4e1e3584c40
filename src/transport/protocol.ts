/** The launcher's words, as data. Its lines stand behind a nonce of the job, so that noise of rc files and banners is told apart. */
import type { EndedBy } from '../domain/outcome.ts'
import type { Begun, ExitRecord, Report } from '../domain/report.ts'
import type { Series } from '../domain/spec.ts'
import { bytesOfOctal, toOctal } from './quote.ts'

export interface Hello {
  readonly nonce: string
  readonly generation: number
  /** The job's directory was there before: one that is not there now is gone, and not to be made again. */
  readonly isKnown: boolean
  readonly policy: 'keep' | 'kill'
  /** Seconds; 0: none. */
  readonly lease: number
  /** Seconds; 0: none. */
  readonly timeout: number
  readonly idleTimeout: number
  /** Bytes; 0: as many as there are. */
  readonly maxOutput: number
  /** keep: with more it goes on, without the middle of its output. */
  readonly onMaxOutput: 'keep' | 'kill'
  /** Seconds from SIGTERM to SIGKILL when one of the four ends the command. */
  readonly grace: number
  /** Directory of job directories; null: the default one. */
  readonly root: string | null
  readonly name: string
  /** Where the output goes; null: into the job's directory there. */
  readonly stdout: string | null
  readonly stderr: string | null
  /** '.': the file `stdin` in the job's directory there. With a '+' before it: it grows, and a feeder passes it on. */
  readonly stdin: string
  readonly series: Series | null
  /** Where the notes of its runs go; null: into the job's directory there. */
  readonly runs: string | null
}

/** What the launcher gets with hundredths of seconds, and 0 for nothing. */
const formatSeries = ({ every, count, initialDelay, jitter, overrun }: Series): string => {
  const seconds = (ms: number): string => (ms === 0 ? '0' : (ms / 1000).toFixed(2))
  return [seconds(every), count ?? 0, seconds(initialDelay), seconds(jitter), overrun].join(' ')
}

export const formatHello = (hello: Hello): string => {
  // As it is where a word can hold it: a printf there is a process.
  const path = (text: string | null): string =>
    text === null ? '-' : /^\+?[./][\w./+-]*$/.test(text) ? text : toOctal(text)
  const { nonce, generation, policy, lease, root, name, stdout, stderr, stdin, isKnown, series, runs } = hello
  // In one word, which also a job's older launcher passes on.
  const limits = [
    hello.grace,
    ...(hello.maxOutput === 0 ? [] : [hello.maxOutput, ...(hello.onMaxOutput === 'keep' ? ['keep'] : [])]),
  ]
  const timers = [hello.timeout, hello.idleTimeout, limits.join(':')].join(' ')
  const ends = [stdout, stderr, stdin].map(path).join(' ')
  const schedule = series === null ? '' : ` ${path(runs)} ${formatSeries(series)}`
  return `hello ${nonce} ${generation} ${policy} ${lease} ${path(root)} ${name} ${ends} ${isKnown ? 1 : 0} ${timers}${schedule}\n`
}

export interface Output {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

export interface Line {
  /** Number of the request that this answers; 0: said unasked. */
  readonly number: number
  readonly verb: string
  readonly words: readonly string[]
}

/** undefined: noise. */
export const parseLine = (line: string, nonce: string): Line | undefined => {
  const [mark, said, number, verb, ...words] = line.trim().split(' ')
  if (mark !== 'CHAP1' || said !== nonce || verb === undefined) return undefined
  return { number: Number(number), verb, words }
}

/** Reads a report; `fresh` is the hello's word on whether the directory had to be made. */
export const parseReport = (verb: string, words: readonly string[], nonce: string, fresh: boolean): Report => {
  const fields = new Map(words.filter((word) => word.includes('=')).map((word) => split(word)))
  const unreadable: Report = { kind: 'unreadable', text: `${verb} ${words.join(' ')}` }
  switch (verb) {
    case 'absent':
      return words.length === 0 ? { kind: 'absent', fresh } : { kind: 'absent', fresh, why: words.join(' ') }
    case 'gone':
      return { kind: 'gone' }
    case 'running':
      return { kind: 'running', begun: readBegun(fields) }
    case 'lost': {
      const why = fields.get('why')
      if (why !== 'rebooted' && why !== 'supervisor_died' && why !== 'never_began') return unreadable
      const sizes = { stdout: after(words, 'stdout', 1), stderr: after(words, 'stderr', 1) }
      if (!Number.isInteger(sizes.stdout + sizes.stderr)) return unreadable
      return fields.get('stuck') === '1' ? { kind: 'lost', why, sizes, isStuck: true } : { kind: 'lost', why, sizes }
    }
    case 'ended': {
      const record = readRecord(words, fields, nonce)
      if (record === undefined) return unreadable
      return { kind: 'ended', record, begun: readBegun(fields), groupAlive: fields.get('group') === '1' }
    }
    default:
      return unreadable
  }
}

/** The whole output, said with the end where it is short; undefined: it was not. */
export const parseOutput = (verb: string, words: readonly string[]): Output | undefined => {
  if (verb !== 'ended') return undefined
  const bytesOf = (field: string): Uint8Array | undefined => {
    const digits = words.find((word) => word.startsWith(`${field}=`))?.slice(field.length + 1)
    return digits !== undefined && /^([0-3][0-7]{2})*$/.test(digits) ? bytesOfOctal(digits) : undefined
  }
  const [stdout, stderr] = [bytesOf('out'), bytesOf('err')]
  const isWhole = stdout?.length === after(words, 'stdout', 2) && stderr?.length === after(words, 'stderr', 2)
  return stdout !== undefined && stderr !== undefined && isWhole ? { stdout, stderr } : undefined
}

const split = (word: string): [string, string] => {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}

/** Digits and nothing else: Number() would read an empty word as 0, and a status would be invented. NaN: it is no number. */
const numberOf = (word: string | undefined): number => (/^\d+$/.test(word ?? '') ? Number(word) : Number.NaN)

/** The last second that a record can write: the end of year 9999. */
const LAST_SECOND = 253_402_300_799

/** Seconds since the epoch, with a fraction or without; NaN: they are none. */
const secondsOf = (word: string | undefined): number => {
  const seconds = /^\d+(\.\d*)?$/.test(word ?? '') ? Number(word) : Number.NaN
  return seconds <= LAST_SECOND ? seconds : Number.NaN
}

/** The number `distance` words after `mark`; NaN where there is none. */
const after = (words: readonly string[], mark: string, distance: number): number => {
  const at = words.indexOf(mark)
  return at < 0 ? Number.NaN : numberOf(words[at + distance])
}

const readBegun = (fields: ReadonlyMap<string, string>): Begun => {
  const pid = numberOf(fields.get('pid'))
  return {
    pid: Number.isInteger(pid) && pid > 0 ? pid : null,
    session: fields.get('session') ?? null,
    bootId: fields.get('boot') ?? null,
  }
}

const WHY: readonly string[] = [
  ...(['exit', 'kill', 'lease', 'disconnect', 'timeout', 'idle', 'max_output'] satisfies EndedBy[]),
]

/** undefined: not a whole record of version 1 made for this job. */
const readRecord = (
  words: readonly string[],
  fields: ReadonlyMap<string, string>,
  nonce: string,
): ExitRecord | undefined => {
  const start = words.indexOf('chap-exit')
  const why = fields.get('why') ?? ''
  const whole =
    words[start + 1] === '1' && fields.get('nonce') === nonce && words.slice(-2).join(' ') === `end ${nonce}`
  const status = numberOf(fields.get('status'))
  if (start < 0 || !whole || !Number.isInteger(status) || !WHY.includes(why)) return undefined
  const [began, ended] = [secondsOf(fields.get('start')), secondsOf(fields.get('end'))]
  if (Number.isNaN(began + ended)) return undefined
  const sizes = { stdout: after(words, 'stdout', 2), stderr: after(words, 'stderr', 2) }
  const runs = after(words, 'runs', 2)
  const stored = words[words.indexOf('stdout') + 2] !== '-'
  if (stored && !(Number.isInteger(sizes.stdout) && Number.isInteger(sizes.stderr))) return undefined
  const checksum = (stream: string): number | null => {
    const sum = after(words, stream, 1)
    return Number.isInteger(sum) ? sum : null
  }
  return {
    status,
    why: why as EndedBy,
    late: fields.get('late') === '1',
    start: began,
    end: ended,
    sizes: stored ? { ...sizes, ...(Number.isInteger(runs) ? { runs } : {}) } : null,
    checksums: { stdout: checksum('stdout'), stderr: checksum('stderr') },
    cpu: readTimes(words),
  }
}

/** Two outputs of `times`: before the command and after it. The third and fourth figure of each are the children's. */
const readTimes = (words: readonly string[]): ExitRecord['cpu'] => {
  const times = words.flatMap((word) => {
    const [, minutes, seconds] = /^(\d+)m([\d.,]+)s$/.exec(word) ?? []
    return minutes === undefined || seconds === undefined
      ? []
      : [Number(minutes) * 60 + Number(seconds.replace(',', '.'))]
  })
  const [, , user, system, , , userAfter, systemAfter] = times
  if (user === undefined || system === undefined || userAfter === undefined || systemAfter === undefined) return null
  const spent = (from: number, to: number): number => Math.max(0, Math.round((to - from) * 1e6) / 1e6)
  return { user: spent(user, userAfter), system: spent(system, systemAfter) }
}
