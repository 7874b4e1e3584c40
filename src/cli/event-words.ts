/** A change of a job, for a person: one line. */
import * as v from 'valibot'
import { eventRecord, type SpoolEvent } from '../index.ts'
import { wordsOfCallbackFault } from './callback-words.ts'
import { formatSize } from './job-row.ts'
import { wordsOfOnExitEnd } from './on-exit-words.ts'
import { wordsOfOutcome } from './outcome-words.ts'
import { safeText } from './safe-text.ts'
import { wordsOfFault } from './words.ts'

export const lineOfEvent = (event: SpoolEvent): string => {
  const { time, job, name, host } = event
  const who = [job, ...(name === null ? [] : [name]), ...(host === null ? [] : [`@${host}`])].map(safeText).join(' ')
  return `${time} ${who}: ${wordsOfEvent(event)}\n`
}

const wordsOfEvent = (spoken: SpoolEvent): string => {
  const host = spoken.host ?? 'this machine'
  const parsed = v.safeParse(eventRecord, spoken)
  if (!parsed.success) return wordsOfOthers(spoken)
  const event = parsed.output
  switch (event.event) {
    case 'recovered':
      return `recovered by chaperone ${event.chaperone}`
    case 'started':
      return event.pid === null ? 'started' : `started, pid ${event.pid}`
    case 'connect_failed':
      return `try ${event.attempt} failed: ${wordsOfFault(event.fault, host).message}`
    case 'link_lost':
      return event.fault === null ? 'link lost' : `link lost: ${wordsOfFault(event.fault, host).message}`
    case 'disk_full':
      return wordsOfFault(event.fault, host).message
    case 'signal_asked':
      return `${event.signal} asked by ${safeText(event.by.user)}`
    case 'signal_sent':
      return `${event.signal} sent`
    case 'ended':
      return `ended: ${wordsOfOutcome(event.outcome, host).message}`
    case 'on_exit_ended':
      return `on-exit ${wordsOfOnExitEnd(event)}`
    case 'undelivered':
      return `callback given up${event.fault === null ? '' : `: ${wordsOfCallbackFault(event.fault)}`}`
    case 'delivered':
      return 'callback delivered'
    default:
      return event.event.replaceAll('_', ' ')
  }
}

/** What only a reader sees, and what a newer chap wrote. */
const wordsOfOthers = ({ time: _, job: _job, name: _name, host: _host, event, ...rest }: SpoolEvent): string => {
  if (event === 'output_grew')
    return `output grew to ${formatSize(Number(rest['stdout']))} stdout, ${formatSize(Number(rest['stderr']))} stderr`
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  return safeText(`${event.replaceAll('_', ' ')}${fields.join('')}`)
}
