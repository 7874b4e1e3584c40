/** The words for what keeps a command of chap from its work. */

import { isNoRoom, type JobView, type ReadFault, type SpoolFault } from '../index.ts'
import { wordsOfCallbackProblem } from './callback-words.ts'
import { wordsOfConfigFault } from './config/words.ts'
import { wordsOfNodeSetFault } from './node-set-words.ts'
import type { Problem } from './problem.ts'
import { safeLines, safeText } from './safe-text.ts'
import { wordsOfSecretFault } from './secret-words.ts'
import type { Words } from './words.ts'

export const wordsOfReadFault = (fault: ReadFault): string => {
  switch (fault.code) {
    case 'missing':
      return `there is no ${safeText(fault.path)}`
    case 'damaged':
      return `${safeText(fault.path)} is damaged: ${safeText(fault.detail)}`
    case 'newer':
      return `${safeText(fault.path)} is a newer chap's: ${safeText(fault.detail)}`
  }
}

const wordsOfSpoolFault = (fault: SpoolFault): Words => {
  const path = safeText(fault.path)
  switch (fault.code) {
    case 'absent':
      return { message: `there is no spool at ${path}`, hint: 'the first chap start makes it' }
    case 'not_a_directory':
      return { message: `the spool ${path} is not a directory`, hint: 'set CHAP_SPOOL to another place' }
    case 'foreign':
      return {
        message: `the spool ${path} belongs to another user (uid ${fault.uid})`,
        hint: 'set CHAP_SPOOL to a directory of your own',
      }
    case 'open_to_others':
      return {
        message: `others may write to the spool ${path} (mode ${fault.mode.toString(8)})`,
        hint: `chmod go-w ${path}`,
      }
  }
}

const listCandidates = (candidates: readonly JobView[]): string =>
  candidates
    .map(({ id, spec }) => (spec.ok && spec.value.name !== null ? `${id} (${safeText(spec.value.name)})` : id))
    .join(', ')

export const wordsOfProblem = (problem: Problem): Words => {
  switch (problem.code) {
    case 'usage':
      return { message: safeText(problem.message), hint: problem.hint ?? null }
    case 'node_set':
      return wordsOfNodeSetFault(problem.fault)
    case 'no_such_job':
      return { message: `there is no job ${safeText(problem.name)}`, hint: 'chap ls -a shows all jobs' }
    case 'ambiguous':
      return {
        message: `${safeText(problem.name)} may be: ${listCandidates(problem.candidates)}`,
        hint: 'type more of the id',
      }
    case 'none_running':
      return {
        message: 'no job is running',
        hint:
          problem.newest === undefined ? 'chap start begins one' : `chap attach ${problem.newest.id} shows the newest`,
      }
    case 'several_running':
      return { message: `several jobs are running: ${listCandidates(problem.candidates)}`, hint: 'say which one' }
    case 'spool':
      return wordsOfSpoolFault(problem.fault)
    case 'config':
      return wordsOfConfigFault(problem.fault)
    case 'unreadable':
      return {
        message: `${problem.id}: ${wordsOfReadFault(problem.fault)}`,
        hint: problem.fault.code === 'newer' ? 'use the newer chap' : `chap recover ${problem.id}`,
      }
    case 'gone':
      return { message: `${problem.id}: the job was removed`, hint: null }
    case 'unattended':
      return {
        message: `${problem.id}: its chaperone is gone, and no new one took over: ${safeLines(problem.evidence)}`,
        hint: `chap recover ${problem.id} tries again`,
      }
    case 'secret':
      return wordsOfSecretFault(problem.fault, problem.id)
    case 'elsewhere':
      return {
        message: `${problem.id}: its chaperone ran on ${safeText(problem.host)}`,
        hint: `chap recover ${problem.id} there`,
      }
    case 'no_such_run':
      return { message: `${problem.id} has no run ${problem.run}`, hint: null }
    case 'short':
      return {
        message: `${problem.id}: the last ${problem.missing} bytes of ${problem.stream} are missing here`,
        hint: `the job's log says more: chap inspect ${problem.id}`,
      }
    case 'not_ended':
      return {
        message: `${problem.id} has not ended`,
        hint: `chap kill ${problem.id} first, or chap rm --force ${problem.id}`,
      }
    case 'not_collected':
      return {
        message: `${problem.id}: its files at ${safeText(problem.spec?.host ?? 'its host')} are not removed yet`,
        hint: `chap recover ${problem.id} tries it now; chap rm --force ${problem.id} leaves them there`,
      }
    case 'on_exit_pending':
      return {
        message: `${problem.id}: the command of --on-exit ${problem.isRunning ? 'still runs' : 'was not seen to its end'}`,
        hint: problem.isRunning
          ? `chap rm --force ${problem.id} removes the job, and the command goes on`
          : `chap recover ${problem.id} sees to it; chap rm --force ${problem.id} does without`,
      }
    case 'callback_pending':
    case 'undelivered':
      return wordsOfCallbackProblem(problem)
    case 'kill_pending':
      return {
        message: `${problem.id}: ${safeText(problem.host)} can't be reached; the kill is recorded and will be carried out when it can`,
        hint: null,
      }
    case 'between_runs':
      return {
        message: `${problem.id}: none of its runs was going on, so nothing got the signal`,
        hint: `chap kill ${problem.id} ends the series`,
      }
    case 'not_understood':
      return {
        message: `${problem.id}: its chaperone did not understand the request`,
        hint: `is it another version of chap? chap inspect ${problem.id}`,
      }
    case 'stdin_not_open':
      return {
        message: `${problem.id}: its stdin is not open`,
        hint: 'chap start --stdin open begins a job that takes more',
      }
    case 'input_ended':
      return {
        message: `${problem.id} has ended: ${problem.bytes === 0 ? 'nothing was sent' : `no more than ${problem.bytes} bytes were taken`}${problem.undelivered === 0 ? '' : `; ${problem.undelivered} bytes that were accepted did not get to its machine`}`,
        hint: null,
      }
    case 'input_closed':
      return {
        message: `${problem.id}: its stdin has ended: ${problem.bytes === 0 ? 'nothing was sent' : `no more than ${problem.bytes} bytes were taken`}`,
        hint: null,
      }
    case 'timed_out':
      return { message: `${problem.ids.join(', ')} did not end in time`, hint: null }
    case 'detached':
      return { message: `detached; ${problem.id} goes on`, hint: `chap attach ${problem.id}` }
    case 'system':
      return {
        message: safeLines(problem.message),
        hint: isNoRoom({ code: problem.errno }) ? 'make room: chap prune' : null,
      }
  }
}
