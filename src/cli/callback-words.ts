/** The words for a callback, and how far it is. */
import { statSync } from 'node:fs'
import {
  type CallbackFault,
  type CallbackView,
  formatDuration,
  type JobPaths,
  type JobView,
  viewCallback,
} from '../index.ts'
import { formatSize } from './job-row.ts'
import type { Problem } from './problem.ts'
import { safeText } from './safe-text.ts'
import type { Words } from './words.ts'

export const wordsOfCallbackFault = ({ code, evidence }: CallbackFault): string => {
  const said = safeText(evidence)
  switch (code) {
    case 'refused':
      return `the receiver refuses it: ${said}`
    case 'unavailable':
      return `the receiver can't take it now: ${said}`
    case 'unreachable':
      return `the receiver can't be reached: ${said}`
    case 'tls':
      return `the receiver's certificate is not trusted, or TLS failed: ${said}`
    case 'timeout':
      return `the receiver is too slow: ${said}`
    case 'lost':
      return `the connection to the receiver broke: ${said}`
    case 'redirect':
      return `the receiver has moved in a way that can't be followed: ${said}`
    case 'disagrees':
      return `the receiver has other output than was sent to it: ${said}`
  }
}

export const wordsOfCallbackProblem = (
  problem: Extract<Problem, { readonly code: 'callback_pending' | 'undelivered' }>,
): Words => {
  const { id } = problem
  if (problem.code === 'undelivered')
    return {
      message: `${id}: ${wordsOfCallbackFault(problem.fault)}`,
      hint: problem.isGivenUp ? `it is kept; chap deliver ${id} tries again` : 'it is tried again',
    }
  return {
    message: `${id}: its callback's receiver does not have all of it${problem.isGivenUp ? ', and it was given up' : ' yet'}`,
    hint: `chap deliver ${id} tries it now; chap rm --force ${id} does without`,
  }
}

/** Nothing where there is none. */
export const cardOfCallback = (job: JobView, now: number): [string, string][] => {
  const view = viewCallback(job)
  if (view === null || !job.spec.ok) return []
  return [
    ['callback', safeText(job.spec.value.callback?.url ?? '')],
    ['', wordsOfView(view, job, now)],
  ]
}

const wordsOfView = ({ kind, record }: CallbackView, { id, paths }: JobView, now: number): string => {
  const fault = record?.fault ? wordsOfCallbackFault(record.fault) : null
  switch (kind) {
    case 'delivered':
      return 'delivered'
    case 'undelivered':
      return `undelivered: ${fault ?? ''}; chap deliver ${id} tries again`
    case 'left':
      return `it was not seen to its end; chap recover ${id} does that`
    case 'pending': {
      const next = record?.next_try ? `, next try in ${formatDuration(Date.parse(record.next_try) - now)}` : ''
      return `pending: ${formatSize(countUnsent(view(record), paths))} to go${fault === null ? '' : `; ${fault}`}${next}`
    }
  }
}

const view = (record: CallbackView['record']) => ({ stdout: record?.stdout ?? 0, stderr: record?.stderr ?? 0 })

const countUnsent = (has: { readonly stdout: number; readonly stderr: number }, paths: JobPaths): number =>
  (['stdout', 'stderr'] as const)
    .map((stream) => Math.max(0, (statSync(paths[stream], { throwIfNoEntry: false })?.size ?? 0) - has[stream]))
    .reduce((sum, bytes) => sum + bytes, 0)
