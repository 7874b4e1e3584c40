/**
 * What is not kept of a long output (`--max-output`): of each stream the head and the end are, and between them lies a gap. Pure: the launcher and the
 * chaperone each keep their own copy of the streams within the limit, and reckon by the same rules.
 */
import type { Sizes } from './report.ts'

/** In bytes of the stream, which keeps its length. */
export interface Gap {
  readonly from: number
  /** The first byte behind it. */
  readonly to: number
}

type Stream = 'stdout' | 'stderr'
export type Gaps = Readonly<Partial<Record<Stream, Gap>>>

const STREAMS = ['stdout', 'stderr'] as const
/** What most file systems can give back. */
const BLOCK = 4_096

/** Bytes of each stream's head, and of its end, that are kept whatever happens: a quarter of the limit, in whole blocks. */
export const edgeOf = (maxOutput: number): number => Math.floor(maxOutput / 4 / BLOCK) * BLOCK

/** What the gaps must become, now that the streams are so long; null: what there is of them may be kept. */
export const widenGaps = (maxOutput: number, sizes: Sizes, gaps: Gaps): Gaps | null => {
  const kept = STREAMS.reduce((sum, stream) => sum + sizes[stream] - lengthOf(gaps[stream]), 0)
  if (kept <= maxOutput) return null
  const edge = edgeOf(maxOutput)
  const wider = STREAMS.flatMap((stream): [Stream, Gap][] => {
    const to = Math.max(sizes[stream] - edge, gaps[stream]?.to ?? 0)
    return to > edge ? [[stream, { from: edge, to }]] : []
  })
  return Object.fromEntries(wider)
}

/** A gap of both: of one stream it only grows. */
export const joinGap = (one: Gap | undefined, other: Gap): Gap => ({
  from: Math.min(one?.from ?? other.from, other.from),
  to: Math.max(one?.to ?? 0, other.to),
})

const lengthOf = (gap: Gap | undefined): number => (gap === undefined ? 0 : gap.to - gap.from)

/** Lines `STREAM FROM LENGTH`, as a launcher writes them, too. */
export const formatGaps = (gaps: Gaps): string =>
  STREAMS.map((stream) =>
    gaps[stream] === undefined ? '' : `${stream} ${gaps[stream].from} ${lengthOf(gaps[stream])}\n`,
  ).join('')

/** Takes blanks for ends of lines, too. */
export const parseGaps = (text: string): Gaps =>
  Object.fromEntries(
    [...text.matchAll(/\b(stdout|stderr) (\d+) (\d+)(?=\s|$)/g)].map(([, stream, from, length]) => [
      stream,
      { from: Number(from), to: Number(from) + Number(length) },
    ]),
  )
