/** What a follower says about a job's disk and chaperone while it follows; of its link, see link-words.ts. */
import type { Recovered, State } from '../index.ts'
import type { Context } from './context.ts'
import { safeText } from './safe-text.ts'
import { say } from './say.ts'
import { wordsOfFault } from './words.ts'

/** Says when the spool's disk is full and when it is not any more, once each. */
export const announceDisk = (context: Context, id: string): ((state: State) => void) => {
  let isFull = false
  return ({ job: { disk } }) => {
    if ((disk !== null) === isFull) return
    isFull = disk !== null
    if (disk === null) return void say(context, `${id}: the spool has space again`)
    const { message, hint } = wordsOfFault(disk, '')
    void say(context, `${id} waits: ${message}`, hint)
  }
}

export const announceRecovery = (context: Context, id: string): ((recovered: Recovered) => void) => {
  let isSaid = false
  return (recovered) => {
    if (recovered.kind === 'recovered') void say(context, `${id}: its chaperone was gone; a new one took over`)
    if (recovered.kind !== 'elsewhere' || isSaid) return
    isSaid = true
    void say(context, `${id}: its chaperone ran on ${safeText(recovered.host)}`, `chap recover ${id} there`)
  }
}
