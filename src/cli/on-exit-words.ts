/** The words for the command of --on-exit, and how it ended. */
import { type JobView, type OnExitEnd, type OnExitView, viewOnExit } from '../index.ts'
import { safeText } from './safe-text.ts'

export const wordsOfOnExitEnd = ({ result, exit_status, signal, message }: OnExitEnd): string => {
  switch (result) {
    case 'exited':
      return `ended with ${exit_status}`
    case 'killed':
      return `was ended by ${safeText(signal ?? 'a signal')}`
    case 'timed_out':
      return 'ran too long, and was killed'
    case 'failed':
      return `could not be started: ${safeText(message ?? '')}`
    case 'unknown':
      return 'was begun; the chaperone died, and nobody knows its end'
  }
}

/** Nothing where there is none. */
export const cardOfOnExit = (job: JobView): [string, string][] => {
  const view = viewOnExit(job)
  if (view === null || !job.spec.ok) return []
  const words = wordsOfView(view, job.id)
  return [
    ['on exit', safeText(job.spec.value.onExit ?? '')],
    ...(words === '' ? [] : [['', words] satisfies [string, string]]),
  ]
}

const wordsOfView = (view: OnExitView, id: string): string => {
  switch (view.kind) {
    case 'waiting':
      return ''
    case 'running':
      return 'it runs'
    case 'left':
      return `it was not seen to its end; chap recover ${id} does that`
    case 'over':
      return view.end === null ? 'the record of its end is damaged' : `it ${wordsOfOnExitEnd(view.end)}`
  }
}
