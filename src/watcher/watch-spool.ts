/** Hints that records of jobs appeared, changed or vanished. For one job, and for the last byte of its output, see watch-directory.ts. */
import { basename } from 'node:path'
import { watch as watchPaths } from 'chokidar'
import { gatherHints } from './hints.ts'
import type { Watch } from './watch-directory.ts'

/** Milliseconds between looks when no event comes: an event may be missed. */
const HEARTBEAT_MS = 1_000

/**
 * @param dirs the jobs' directories, or the one in which they lie
 * @param depth 0 for the former, 1 for the latter
 * @returns when it is armed
 */
export const watchSpool = async (dirs: readonly string[], depth: 0 | 1): Promise<Watch> => {
  const { hint, changed } = gatherHints()
  const watcher = watchPaths([...dirs], {
    depth,
    ignoreInitial: true,
    ignored: (path, stats) => stats !== undefined && !stats.isDirectory() && basename(path) !== 'state.json',
  })
  // Without inotify instances (EMFILE) or a directory that vanished, the heartbeat is left.
  watcher.on('all', hint).on('error', hint)
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve)
    watcher.once('error', () => resolve())
  })
  const heartbeat = setInterval(hint, HEARTBEAT_MS)
  return {
    changed,
    close: () => {
      clearInterval(heartbeat)
      void watcher.close()
      hint()
    },
  }
}
