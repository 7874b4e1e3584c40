/** How the lines of a job's streams are shown by logs: as they are, with their time, with the job's id, or as JSON. */
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'
import type { Sinks } from '../watcher/copy-streams.ts'
import { type LineTimes, openTimes } from '../watcher/line-times.ts'
import type { Sink } from '../watcher/source.ts'
import type { Context } from './context.ts'
import { type LineSink, sinkLines } from './line-sink.ts'

export interface LogStyle {
  readonly streams: readonly Stream[]
  /** Each line begins with the job's id. */
  readonly hasId: boolean
  readonly hasTime: boolean
  readonly isJson: boolean
}

export interface LogSinks {
  readonly sinks: Sinks
  /** Passes on last lines that have no end. */
  readonly end: () => Promise<boolean>
}

/** Where a job's streams go. Bytes pass untouched unless lines were asked for. */
export const openLogSinks = (context: Context, id: string, paths: JobPaths, from: Sizes, style: LogStyle): LogSinks => {
  const open: { readonly lines: LineSink; readonly times: LineTimes }[] = []
  const sinkOf = (stream: Stream): Sink | null => {
    if (!style.streams.includes(stream)) return null
    // JSON is data, whatever stream it tells of.
    const out = stream === 'stdout' || style.isJson ? context.stdout : context.stderr
    if (!style.hasId && !style.hasTime && !style.isJson) return out
    const times = openTimes(paths.timeline, stream)
    const lines = sinkLines(out, showLine(context, id, stream, times, style), from[stream])
    open.push({ lines, times })
    return lines
  }
  const sinks = { stdout: sinkOf('stdout'), stderr: sinkOf('stderr') }
  return {
    sinks,
    end: async () => {
      for (const { times, lines } of open) {
        const isRead = await lines.end()
        times.close()
        if (!isRead) return false
      }
      return true
    },
  }
}

const showLine =
  (context: Context, id: string, stream: Stream, times: LineTimes, style: LogStyle) =>
  (line: Buffer, offset: number): Buffer => {
    // What came this very moment has no mark yet.
    const time = (): string => new Date(times.timeOf(offset) ?? context.now()).toISOString()
    if (style.isJson) return Buffer.from(`${JSON.stringify({ id, stream, time: time(), line: line.toString() })}\n`)
    const prefix = `${style.hasId ? `${id} | ` : ''}${style.hasTime ? `${time()} ` : ''}`
    return Buffer.concat([Buffer.from(prefix), line, Buffer.from('\n')])
  }
