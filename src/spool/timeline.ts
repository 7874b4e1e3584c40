/**
 * When which stream had how many bytes: lines `TIME STREAM SIZE`, appended as output arrives. Between two lines the order of the
 * streams is not known; lines are at most 50 ms apart while output flows. It is a help for showing, never the truth about sizes.
 */
export type Stream = 'stdout' | 'stderr'

export interface Mark {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stream: Stream
  /** Bytes that the stream had then. */
  readonly size: number
}

export const formatMark = ({ time, stream, size }: Mark): string =>
  `${new Date(time).toISOString()} ${stream} ${size}\n`

const LINE = /^(\S+) (stdout|stderr) (\d+)$/

/** Reads whole lines; what is no mark (a line cut by a full disk, a newer version's) is passed over. */
export const parseMarks = (text: string): Mark[] =>
  text.split('\n').flatMap((line) => {
    const [, time, stream, size] = LINE.exec(line) ?? []
    const ms = Date.parse(time ?? '')
    return Number.isNaN(ms) ? [] : [{ time: ms, stream: stream as Stream, size: Number(size) }]
  })
