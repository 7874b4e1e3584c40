/** Hints that something in a directory changed. A hint says "look again" and nothing more, and one may be missed: hence the heartbeat. */
import { type FSWatcher, watch } from 'node:fs'
import { gatherHints } from './hints.ts'

/** Milliseconds between looks when no event comes. */
const HEARTBEAT_MS = 1_000
/** Milliseconds of quiet after which a last look is due. */
const QUIET_MS = 100
/** Milliseconds between looks where the system has no inotify instance left (128 per user are the default). */
const POLL_MS = 200

export interface Watch {
  /** Resolves at the next hint, or at once when there was one since the last call. For one caller at a time. */
  readonly changed: () => Promise<void>
  readonly close: () => void
}

/** Armed when it returns: whatever is read later is hinted at when it changes. */
export const watchDirectory = (dir: string): Watch => {
  const { hint, changed } = gatherHints()
  const quiet = setTimeout(hint, QUIET_MS)
  const watcher = watchOrNot(dir, () => {
    quiet.refresh()
    hint()
  })
  let heartbeat = setInterval(hint, watcher === undefined ? POLL_MS : HEARTBEAT_MS)
  watcher?.on('error', () => {
    clearInterval(heartbeat)
    heartbeat = setInterval(hint, POLL_MS)
  })
  return {
    changed,
    close: () => {
      clearInterval(heartbeat)
      clearTimeout(quiet)
      watcher?.close()
      hint()
    },
  }
}

/** Hints from time to time, of nothing in particular. */
export const beat = (ms: number): Watch => {
  const { hint, changed } = gatherHints()
  const heartbeat = setInterval(hint, ms)
  return {
    changed,
    close: () => {
      clearInterval(heartbeat)
      hint()
    },
  }
}

const watchOrNot = (dir: string, onEvent: () => void): FSWatcher | undefined => {
  try {
    return watch(dir, onEvent)
  } catch {
    return undefined // EMFILE, ENOSPC; or the directory is gone, which the next look finds
  }
}
