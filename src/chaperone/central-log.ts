/**
 * `--log-file`: each line of the job, with its time and where it came from, appended to a file that many jobs share. A batch of whole lines is one
 * write to a file opened for appending, so that jobs do not tear each other's. Read from the spool's own files: no job waits for it.
 */
import { readFileSync, readSync } from 'node:fs'
import { type LineSplitter, splitLines } from '../domain/lines.ts'
import type { Spec } from '../domain/spec.ts'
import type { JobPaths } from '../spool/layout.ts'
import { type Mark, parseMarks, type Stream } from '../spool/timeline.ts'
import { openSharedFile, withFile } from './shared-file.ts'

/** Bytes of one write, but for a longer line; and of one call, so that requests are heard meanwhile. */
const BATCH = 64 * 1024
const STEP = 4 * 1024 * 1024
/** Milliseconds between tries when the file can't be written. */
const PAUSE_MS = 1_000
/** Marks that are kept apart while it can't be. */
const MOST_MARKS = 1_000

const STREAMS = ['stdout', 'stderr'] as const

/** done: the file has all of it. more: call again. blocked: the file can't be written now. */
export type Progress = 'done' | 'more' | 'blocked'

export interface CentralLog {
  /** Takes what has arrived, and writes some of it. */
  readonly add: (marks: readonly Mark[]) => Progress
  /** The streams are complete: a last line that has no end is one, too. */
  readonly finish: () => Progress
}

/** @param note says when the file can't be written, and when it can again */
export const startCentralLog = (
  spec: Spec,
  file: string,
  paths: JobPaths,
  now: () => number,
  note: (text: string) => void,
): CentralLog => {
  const shared = openSharedFile(file, paths.central)
  const from = shared.offsets()
  const label = `${(spec.host ?? spec.created.host).replace(/[\s\p{Cc}]/gu, '_')} ${spec.id}`
  const streams = { stdout: openStream(from.stdout), stderr: openStream(from.stderr) }
  let marks = parseMarks(readFileSync(paths.timeline, 'utf8')).filter((mark) => mark.size > from[mark.stream])
  let lines: Buffer[] = []
  let size = 0
  let time = now()
  let blockedUntil = Number.NEGATIVE_INFINITY
  let fault: string | null = null
  const piece = Buffer.allocUnsafeSlow(BATCH)

  const onLine =
    (stream: Stream) =>
    (bytes: Uint8Array, start: number, end: number): void => {
      const head = Buffer.from(`${new Date(time).toISOString()} ${label} ${stream} | `)
      lines.push(head, Buffer.from(bytes.subarray(start, end)), Buffer.from('\n'))
      size += head.length + end - start + 1
    }

  /** Reads what the next mark tells of. @returns bytes read */
  const read = (mark: Mark): number => {
    const { lines: splitter, position } = streams[mark.stream]
    const wanted = Math.min(BATCH, mark.size - position)
    const bytes =
      wanted <= 0 ? 0 : (withFile(paths[mark.stream], 'r', (fd) => readSync(fd, piece, 0, wanted, position)) ?? 0)
    time = mark.time
    splitter.take(piece.subarray(0, bytes), onLine(mark.stream))
    streams[mark.stream].position = position + bytes
    // A file that was cut or removed has no more of it.
    if (bytes === 0 || position + bytes >= mark.size) marks.shift()
    return bytes
  }

  const write = (): boolean => {
    if (size > 0) {
      const offsets = { stdout: streams.stdout.lines.offset(), stderr: streams.stderr.lines.offset() }
      shared.put(Buffer.concat(lines, size), offsets)
      lines = []
      size = 0
    }
    if (!shared.hasPending() || now() < blockedUntil) return !shared.hasPending()
    const failure = shared.flush()
    if (failure !== fault)
      note(failure === null ? `${file} can be written again` : `${file} can't be written: ${failure}`)
    fault = failure
    if (failure !== null) blockedUntil = now() + PAUSE_MS
    return failure === null
  }

  const step = (): Progress => {
    if (!write()) {
      // Memory does not grow with the time in which it can't be written.
      if (marks.length > MOST_MARKS)
        marks = STREAMS.flatMap((name) => marks.findLast(({ stream }) => stream === name) ?? [])
      return 'blocked'
    }
    for (let done = 0; done < STEP; ) {
      const [mark] = marks
      if (mark === undefined) return write() ? 'done' : 'blocked'
      done += read(mark)
      if (size >= BATCH && !write()) return 'blocked'
    }
    return write() ? 'more' : 'blocked'
  }

  return {
    add: (more) => {
      marks.push(...more)
      return step()
    },
    finish: () => {
      const progress = step()
      if (progress !== 'done') return progress
      for (const name of STREAMS) streams[name].lines.end(onLine(name))
      return write() ? 'done' : 'blocked'
    },
  }
}

const openStream = (from: number): { readonly lines: LineSplitter; position: number } => ({
  lines: splitLines(from),
  position: from,
})
