/**
 * How a link's output comes home. A command that ends soon and says little needs no followers: the launcher says it with the end, and it is
 * written here. So right after a launch followers wait a moment for that.
 */
import { closeSync } from 'node:fs'
import type { Fault } from '../domain/fault.ts'
import type { Sizes } from '../domain/report.ts'
import { writeAll } from './pour-after.ts'
import type { Output } from './protocol.ts'
import { openEnds } from './session-ends.ts'
import type { Follow, LinkFiles } from './transport.ts'

/** Milliseconds that followers wait for an end right after a launch; in proportion to what the launch took, where all is slow. */
const SHORTEST_WAIT = 50
const LONGEST_WAIT = 250

export interface FollowingOptions {
  readonly files: LinkFiles
  readonly streams: readonly (keyof Sizes)[]
  /** Starts the follower of a stream, from an offset on. */
  readonly start: (stream: keyof Sizes, from: number) => Follow
  /** What the launcher said with the end, if that is all of the output. */
  readonly output: () => Output | undefined
  readonly onFailed: (fault: Fault) => void
  /** Of a follower that ended by itself, well or not. */
  readonly onEnded: (stream: keyof Sizes, fault: Fault | null) => void
}

export interface Following {
  /** Once for each link; again when the end is known, which then is waited for no longer. */
  readonly follow: (from: Sizes) => void
  /** Starts a stream's follower anew, whose last one has ended. */
  readonly again: (stream: keyof Sizes, from: number) => void
  /** A launch took so many milliseconds there, and was just answered. */
  readonly launched: (ms: number) => void
  readonly streamsEnded: () => boolean
  /** When the last follower has ended, well or not. */
  readonly over: () => Promise<void>
  /** Nothing is begun any more. */
  readonly stop: () => void
}

export const startFollowing = ({ files, streams, start, output, onFailed, onEnded }: FollowingOptions): Following => {
  const followers = new Map<keyof Sizes, Follow>()
  let wait = 0
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  /** One writer for each stream: either this, or followers. */
  const begin = (from: Sizes): void => {
    if (isOver) return
    isOver = true
    const all = output()
    if (all !== undefined && from.stdout <= all.stdout.length && from.stderr <= all.stderr.length)
      return bring(all, from)
    for (const stream of streams) again(stream, from[stream] ?? 0)
  }

  const again = (stream: keyof Sizes, from: number): void => {
    const follower = start(stream, from)
    followers.set(stream, follower)
    void follower.ended.then((fault) => onEnded(stream, fault))
  }

  const bring = (all: Output, from: Sizes): void => {
    try {
      for (const stream of ['stdout', 'stderr'] as const) append(files[stream], all[stream].subarray(from[stream]))
    } catch (error) {
      // A full disk, or a file that was deleted: as of a follower that could not write.
      onFailed({ code: 'lost', evidence: (error as Error).message })
    }
  }

  return {
    follow: (from) => {
      const isWaiting = timer !== undefined
      clearTimeout(timer)
      if (wait === 0 || isWaiting || output() !== undefined) return begin(from)
      timer = setTimeout(() => begin(from), wait)
    },
    again,
    launched: (ms) => {
      wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, ms))
    },
    streamsEnded: () => [...followers.values()].every((follower) => follower.finished()),
    over: async () => {
      for (const { ended } of followers.values()) await ended
    },
    stop: () => {
      isOver = true
      clearTimeout(timer)
    },
  }
}

const append = (path: string, bytes: Uint8Array): void => {
  if (bytes.length === 0) return
  const [, fd] = openEnds({ stdin: null, stdout: path, mark: null })
  if (fd === 'ignore') return
  try {
    writeAll(fd, bytes)
  } finally {
    closeSync(fd)
  }
}
