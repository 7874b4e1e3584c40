/** What there is to send, and since when: by looking at the files, as nothing here holds an inotify instance. */
import { statSync } from 'node:fs'
import type { Stock } from '../../domain/callback.ts'
import type { StreamName, StreamSizes } from '../../domain/callback-reply.ts'
import type { Callback } from '../../domain/spec.ts'
import type { JobPaths } from '../../spool/layout.ts'

/** Milliseconds between two looks. */
const SHORTEST_MS = 50
const LONGEST_MS = 1_000
/** Looks in a row without a new byte, after which there are fewer of them. */
const PATIENCE = 10

export const startStock = (paths: JobPaths, { outputLatency }: Pick<Callback, 'outputLatency'>) => {
  let lookedAt = performance.now()
  let before: StreamSizes = { stdout: 0, stderr: 0 }
  let quiet = 0
  /** A time at which what is to be sent now was not there. */
  const since: Record<StreamName, number> = { stdout: lookedAt, stderr: lookedAt }
  const shortest = clamp((outputLatency * 1000) / 2)
  return {
    /** @throws ErrnoException ENOENT: the job was removed */
    look: (acknowledged: StreamSizes, isEnded: boolean): Stock => {
      const sizes = { stdout: sizeOf(paths.stdout), stderr: sizeOf(paths.stderr) }
      lookedAt = performance.now()
      quiet = sizes.stdout === before.stdout && sizes.stderr === before.stderr ? quiet + 1 : 0
      before = sizes
      const waited = { stdout: 0, stderr: 0 }
      for (const stream of ['stdout', 'stderr'] as const) {
        if (sizes[stream] <= acknowledged[stream]) since[stream] = lookedAt
        else waited[stream] = (lookedAt - since[stream]) / 1000
      }
      return { sizes, waited, isEnded }
    },
    /** Something of a stream was sent, as the last look saw it. */
    sent: (stream: StreamName): void => {
      since[stream] = lookedAt
    },
    /** Milliseconds until the next look. @param seconds until what waits has waited long enough; null: nothing waits */
    restMs: (seconds: number | null): number => {
      const usual = quiet < PATIENCE ? shortest : clamp(outputLatency * 1000)
      return seconds === null ? usual : Math.min(usual, Math.max(1, seconds * 1000))
    },
  }
}

const sizeOf = (path: string): number => statSync(path).size

const clamp = (ms: number): number => Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms))
