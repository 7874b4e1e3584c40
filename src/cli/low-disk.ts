/** Says that the disk of the spool runs low, before it is full: on stderr, also where that is no terminal, since a job waits on a full one. */
import { type Room, readRoom, runsLow } from '../index.ts'
import type { Context } from './context.ts'
import { formatSize } from './job-row.ts'
import { safeText } from './safe-text.ts'
import { say } from './say.ts'
import type { Words } from './words.ts'

/** null: there is enough. */
const wordsOfLowDisk = (room: Room, spool: string): Words | null => {
  const low = runsLow(room)
  if (low === null) return null
  const left = low === 'bytes' ? `${formatSize(room.free)}` : `room for ${room.freeFiles} files`
  return {
    message: `warning: only ${left} left on the disk of the spool ${safeText(spool)}`,
    hint: 'chap ls --disk shows what jobs take of it; chap prune removes those that ended long ago',
  }
}

export interface Manner {
  readonly json?: boolean
  readonly quiet?: boolean
}

export const warnOfLowDisk = async (context: Context, { json = false, quiet = false }: Manner): Promise<void> => {
  if (quiet) return
  const words = lookAtDisk(context.spool)
  if (words === null) return
  const { message, hint } = words
  if (json) await context.stderr.write(`${JSON.stringify({ warning: { code: 'low_disk', message, hint } })}\n`)
  else await say(context, message, hint)
}

/** What the system refuses to say is no reason to warn: the command itself meets it. */
const lookAtDisk = (spool: string): Words | null => {
  const room = lookForRoom(spool)
  return room && wordsOfLowDisk(room, spool)
}

/** null: the system refuses to say. */
export const lookForRoom = (spool: string): Room | null => {
  try {
    return readRoom(spool)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return null
  }
}
