/** An ended job's chaperone still removes what the remote holds of it: that takes a moment, and a host that can be reached. */
import type { JobPaths } from '../spool/layout.ts'
import { lookForOwner } from './job-view.ts'
import { type Recovered, recoverJob } from './recover.ts'
import { openState } from './state-reader.ts'
import { watchDirectory } from './watch-directory.ts'

/** Milliseconds that it may take before somebody at a terminal is told. */
const PATIENCE_MS = 3_000

/** Waits for it, and brings back a chaperone that died over it. gone: the job was removed. */
export const waitUntilSettled = async (paths: JobPaths): Promise<'settled' | 'uncollected' | 'gone'> => {
  const watch = watchDirectory(paths.dir)
  const state = openState(paths.state)
  const deadline = performance.now() + PATIENCE_MS
  try {
    for (;;) {
      const { read } = state()
      if (!read.ok) return read.fault.code === 'missing' ? 'gone' : 'uncollected'
      const { phase, link } = read.value.job
      // Closed, and its chaperone has left: nobody writes there any more.
      const { presence } = lookForOwner(paths)
      if (phase === 'ended' && link.status === 'closed' && presence !== 'alive') return 'settled'
      if (performance.now() > deadline || (phase === 'ended' && link.status === 'down')) return 'uncollected'
      if (presence === 'dead' && isHopeless(await recoverJob(paths))) return 'uncollected'
      if (presence === 'elsewhere') return 'uncollected'
      await watch.changed()
    }
  } finally {
    watch.close()
  }
}

const isHopeless = ({ kind }: Recovered): boolean => kind === 'failed' || kind === 'unreadable' || kind === 'locked'
