/** What a follower says about a job's link and chaperone while it follows. */
import type { Recovered, State } from '../index.ts'
import type { Context } from './context.ts'
import { safeText } from './safe-text.ts'
import { say } from './say.ts'
import { wordsOfFault } from './words.ts'

/** Says when the link is lost and when it is back, once each. */
export const announceLink = (context: Context, id: string, host: string | null): ((state: State) => void) => {
  const at = host ?? 'this machine'
  let isDown = false
  return ({ job: { phase, link } }) => {
    if (phase === 'ended') return
    if (link.status === 'up' && isDown) {
      isDown = false
      void say(context, `${id}: link to ${safeText(at)} is back`)
    } else if (link.status !== 'up' && link.fault !== null && link.fault.code !== 'disk_full' && !isDown) {
      isDown = true
      const { message, hint } = wordsOfFault(link.fault, at)
      if (phase === 'launching') void say(context, `${id} is pending: ${message}; still trying`, hint)
      else void say(context, `${id}: link to ${safeText(at)} lost: ${message}; trying again`)
    }
  }
}

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
