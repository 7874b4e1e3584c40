/**
 * Keeps a job's streams here within its limit: what lies between head and end becomes a hole, which a reader can tell from zeros by the file `gaps`,
 * written before. A job of this machine needs none of it: its launcher does that, in these very files.
 */
import { spawn } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, rmSync, statSync } from 'node:fs'
import { formatGaps, type Gaps, joinGap, widenGaps } from '../domain/gaps.ts'
import type { Spec } from '../domain/spec.ts'
import { writeRecord } from '../spool/atomic.ts'
import { readGaps } from '../spool/gaps.ts'
import type { JobPaths } from '../spool/layout.ts'
import { isNoRoom } from '../spool/spare.ts'
import type { Stream } from '../spool/timeline.ts'
import { isScarcity } from '../transport/child.ts'
import type { Skip } from '../transport/launcher-link.ts'
import type { OpenLink } from '../transport/link.ts'
import { readSizes } from './marks.ts'

/** Followers in a row that bring no byte. */
const MOST_STALLS = 3

/** Milliseconds between two looks. */
const PAUSE = 1_000

export interface GapKeeper {
  /** Is it time to look whether there is too much? Costs nothing if not. */
  readonly look: () => void
  /** The last look: when it is over, no more than the limit is kept. */
  readonly finish: () => Promise<void>
  /** Goes on behind a gap of the remote's. */
  readonly skip: Skip
}

/** null: all is kept, or the launcher sees to it. */
export const startGapKeeper = (
  { limits: { maxOutput, onMaxOutput }, route }: Pick<Spec, 'limits' | 'route'>,
  paths: JobPaths,
  now: () => number,
  isOurs: () => boolean,
  note: (text: string) => void,
): GapKeeper | null => {
  if (maxOutput === null || onMaxOutput === 'kill' || route.kind === 'local') return null
  let looked = Number.NEGATIVE_INFINITY
  let punching: Promise<void> | null = null

  /** Nothing follows the streams yet: where a chaperone died over a gap that it had said, it is made now. */
  const repair = (): void => {
    const gaps = readGaps(paths)
    extend(gaps)
    void punch(gaps)
  }

  const extend = (gaps: Gaps): void => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const to = gaps[stream]?.to ?? 0
      if ((statSync(paths[stream], { throwIfNoEntry: false })?.size ?? to) < to) lengthen(paths[stream], to)
    }
  }

  const say = (gaps: Gaps): void => writeRecord(paths.gaps, formatGaps(gaps), paths.spares)

  const punch = async (gaps: Gaps): Promise<void> => {
    while (punching !== null) await punching
    punching = punchAll(paths, gaps, note)
    await punching.finally(() => {
      punching = null
    })
  }

  /** What the system refuses now it may not at the next look. */
  const attempt = <T>(change: () => T): T | null => {
    try {
      return isOurs() ? change() : null
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
      note(`a gap can't be made: ${(error as Error).message}`)
      return null
    }
  }

  const squeeze = (): Promise<void> | null =>
    attempt(() => {
      const sizes = readSizes(paths)
      const wider = sizes === null ? null : widenGaps(maxOutput, sizes, readGaps(paths))
      if (wider === null) return null
      say(wider)
      return punch(wider)
    })

  const stalls = new Map<Stream, { readonly size: number; readonly times: number }>()
  /** A follower that brings nothing again and again has another reason. */
  const startAnew = (stream: Stream, size: number): number | null => {
    const last = stalls.get(stream)
    const times = last?.size === size ? last.times + 1 : 1
    stalls.set(stream, { size, times })
    return times > MOST_STALLS ? null : size
  }

  attempt(repair)
  return {
    look: () => {
      if (punching !== null || Math.abs(now() - looked) < PAUSE) return
      looked = now()
      void squeeze()
    },
    finish: async () => {
      while (punching !== null) await punching
      await squeeze()
    },
    skip: (stream, gap) => {
      const size = statSync(paths[stream], { throwIfNoEntry: false })?.size
      if (size === undefined) return null
      // Its head comes first; and one that was already behind it was ended too early to know.
      if (size < gap.from || size >= gap.to) return startAnew(stream, size)
      return attempt(() => {
        const gaps = readGaps(paths)
        const wider = { ...gaps, [stream]: joinGap(gaps[stream], gap) }
        say(wider)
        extend(wider)
        void punch(wider)
        return gap.to
      })
    },
  }
}

const lengthen = (path: string, size: number): void => {
  const fd = openSync(path, 'r+')
  try {
    ftruncateSync(fd, size)
  } finally {
    closeSync(fd)
  }
}

const punchAll = async (paths: JobPaths, gaps: Gaps, note: (text: string) => void): Promise<void> => {
  for (const stream of ['stdout', 'stderr'] as const) {
    const gap = gaps[stream]
    if (gap === undefined) continue
    const why = await punchHole(paths[stream], gap.from, gap.to - gap.from)
    if (why !== null) note(`${stream} keeps more than it should: ${why.message}`)
  }
}

/** Refuses what could not be kept within its limit in this directory. */
export const needingHoles =
  (open: OpenLink, dir: string): OpenLink =>
  async (generation, isKnown, listener, signal) => {
    const why = isKnown ? null : await findNoHoles(dir)
    if (why === null) return open(generation, isKnown, listener, signal)
    // What may pass is tried again.
    const code = isScarcity(why) || isNoRoom(why) ? 'lost' : 'no_holes'
    return { ok: false, fault: { code, evidence: `where chap runs: ${why.message}` } }
  }

/** Can a hole be made in a file of this directory? null: it can; else why not. */
const findNoHoles = async (dir: string): Promise<Error | null> => {
  const path = `${dir}/hole.${process.pid}`
  try {
    closeSync(openSync(path, 'w', 0o600))
    return await punchHole(path, 0, 1)
  } catch (error) {
    return error as Error
  } finally {
    rmSync(path, { force: true })
  }
}

/** By fallocate(1) of util-linux: node has no call for it. @returns null: it was made; else why not */
const punchHole = (path: string, from: number, length: number): Promise<Error | null> =>
  new Promise<Error | null>((resolve) => {
    const words = ['--punch-hole', '--offset', String(from), '--length', String(length), path]
    const child = spawn('fallocate', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.on('error', resolve)
    child.on('close', (status) =>
      resolve(status === 0 ? null : new Error(said.trim() || `fallocate ended with ${status}`)),
    )
    // Without memory spawn throws.
  }).catch((error: Error) => error)
