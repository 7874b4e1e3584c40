/** How the lines of a job's streams are shown: as they are, with their time, with the job's label, or as JSON. */
import { isUtf8 } from 'node:buffer'
import {
  type JobPaths,
  type LineKind,
  openTimes,
  parseRuns,
  readForward,
  type Sink,
  type Sinks,
  type Sizes,
  type Stream,
} from '../index.ts'
import type { Context } from './context.ts'
import { showGaps } from './gap-words.ts'
import { type LineSink, type ShowLine, sinkLines } from './line-sink.ts'

export interface LogStyle {
  readonly streams: readonly Stream[]
  /** Each line begins with it, as each stream's colours are; null: with nothing. */
  readonly label: ((stream: Stream) => string) | null
  readonly hasTime: boolean
  readonly isJson: boolean
  /** A last line without an end is not shown. */
  readonly isStrict: boolean
  /** Only lines in which it is found. */
  readonly grep?: RegExp | undefined
}

export interface Shown {
  readonly id: string
  readonly host: string | null
  readonly paths: JobPaths
}

export interface LogSinks {
  readonly sinks: Sinks
  /** Shows last lines that have no end. */
  readonly end: () => Promise<boolean>
}

/** Where a job's streams go. Bytes pass untouched unless lines were asked for. */
export const openLogSinks = (context: Context, job: Shown, from: Sizes, style: LogStyle): LogSinks => {
  const open: LineSink[] = []
  const isByLine = style.label !== null || style.hasTime || style.isJson || style.isStrict || style.grep !== undefined
  const sinkOf = (stream: Stream): Sink | null => {
    if (!style.streams.includes(stream)) return null
    // JSON is data, whatever stream it tells of.
    const plain = stream === 'stdout' || style.isJson ? context.stdout : context.stderr
    const out = style.isJson
      ? tellGaps(context, job, stream)
      : showGaps(context, plain, stream, style.label?.('stderr'))
    if (!isByLine) return out
    const show = style.isJson ? showDocument(context, job, stream) : showText(context, job, stream, style)
    const lines = sinkLines(out, style.grep === undefined ? show : showFound(style.grep, show), {
      from: from[stream],
      isStrict: style.isStrict,
    })
    open.push(lines)
    return lines
  }
  const sinks = { stdout: sinkOf('stdout'), stderr: sinkOf('stderr') }
  return {
    sinks,
    end: async () => {
      for (const lines of open) if (!(await lines.end())) return false
      return true
    },
  }
}

const NEWLINE = Buffer.from('\n')

/** RFC 3339, for the byte at an offset. What came this very moment has no mark yet. */
const readTimes = ({ now }: Context, { paths }: Shown, stream: Stream): ((offset: number) => string) => {
  const times = openTimes(paths.timeline, stream)
  let last = Number.NaN
  let text = ''
  return (offset) => {
    const time = times.timeOf(offset) ?? now()
    if (time !== last) text = new Date(time).toISOString()
    last = time
    return text
  }
}

const showText = (context: Context, job: Shown, stream: Stream, { label, hasTime }: LogStyle): ShowLine => {
  const prefix = Buffer.from(label?.(stream) ?? '')
  const timeAt = hasTime ? readTimes(context, job, stream) : null
  return (page, bytes, start, end, offset) => {
    page.putAll(prefix)
    if (timeAt !== null) page.putAll(Buffer.from(`${timeAt(offset)} `))
    page.put(bytes, start, end)
    page.putAll(NEWLINE)
  }
}

const showFound =
  (pattern: RegExp, show: ShowLine): ShowLine =>
  (page, bytes, start, end, offset, kind) => {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    if (pattern.test(line.toString())) show(page, bytes, start, end, offset, kind)
  }

const showDocument = (context: Context, job: Shown, stream: Stream): ShowLine => {
  const timeAt = readTimes(context, job, stream)
  const runAt = readRuns(job.paths.runs, stream)
  return (page, bytes, start, end, offset, kind) => {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    const document = {
      id: job.id,
      host: job.host,
      ...runAt(offset),
      stream,
      time: timeAt(offset),
      line: line.toString(),
      ...ofKind(kind),
      // What is no UTF-8 can't be in JSON as it is.
      ...(isUtf8(line) ? {} : { base64: line.toString('base64') }),
    }
    page.putAll(Buffer.from(`${JSON.stringify(document)}\n`))
  }
}

/** A gap is a document of its own. */
const tellGaps = ({ stdout }: Context, { id, host }: Shown, stream: Stream): Sink => ({
  write: (bytes) => stdout.write(bytes),
  skip: ({ from, to }) => stdout.write(`${JSON.stringify({ id, host, stream, gap: { from, to } })}\n`),
})

const ofKind = (kind: LineKind): { continues?: true; unended?: true } => {
  if (kind === 'whole') return {}
  return kind === 'part' ? { continues: true } : { unended: true }
}

/** Of a series, the run to which the byte at an offset belongs. Ask for offsets in their order. */
const readRuns = (path: string, stream: Stream): ((offset: number) => { run?: number }) => {
  const notes = readForward(path, parseRuns)
  let run: number | undefined
  return (offset) => {
    for (let note = notes.peek(); note !== undefined; note = notes.peek()) {
      if (note.kind === 'begun' && note.at[stream] > offset) break
      if (note.kind === 'begun') run = note.run
      notes.skip()
    }
    return run === undefined ? {} : { run }
  }
}
