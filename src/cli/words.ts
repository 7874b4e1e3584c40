/** What chap says to a person about what went wrong: each with what to do. The only place where such words are made. */
import { spellSeconds } from '../domain/duration.ts'
import type { Fault } from '../domain/fault.ts'
import type { EndedBy, Outcome, RefusedReason, UnknownReason } from '../domain/outcome.ts'
import type { Limits } from '../domain/spec.ts'
import type { SpoolFault } from '../spool/guard.ts'
import type { ReadFault } from '../spool/read-record.ts'
import { isNoRoom } from '../spool/spare.ts'
import type { JobView } from '../watcher/job-view.ts'
import { wordsOfConfigFault } from './config/words.ts'
import type { Problem } from './problem.ts'
import { safeLines, safeText } from './safe-text.ts'
import { wordsOfSecretFault } from './secret-words.ts'

export interface Words {
  readonly message: string
  readonly hint: string | null
}

/** Why a link is not there. */
export const wordsOfFault = ({ code, evidence }: Fault, host: string): Words => {
  const at = safeText(host)
  const own = evidence === '' ? '' : ` (${safeText(evidence)})`
  const say = (message: string, hint: string | null): Words => ({ message: `${message}${own}`, hint })
  switch (code) {
    case 'authentication':
      return say(
        `${at} does not let you in`,
        `ssh-add a key, or ssh-copy-id ${at}; where it takes a password: --ask-password or --password-file`,
      )
    case 'host_key':
      return /changed/i.test(evidence)
        ? say(
            `the host key of ${at} is not the one that is known`,
            `ssh ${at} by hand says which line of known_hosts it is: if that machine was set up anew, compare the new key's fingerprint, and remove the line`,
          )
        : say(
            `the host key of ${at} is not trusted`,
            `ssh ${at} once by hand, and compare the key's fingerprint; --accept-new takes it unseen`,
          )
    case 'refused':
      return say(`nothing listens for ssh at ${at}`, 'is sshd running there, and is it the right port (-p)?')
    case 'unknown_host':
      return say(
        `the name ${at} can't be resolved`,
        'check the name, the DNS, or give another ssh configuration with -F',
      )
    case 'unreachable':
      return say(`there is no way to ${at}`, 'check the network or the VPN')
    case 'timeout':
      return say(`${at} does not answer`, 'check the network or the VPN; --connect-timeout gives it longer')
    case 'busy':
      return say(`${at} takes no more connections just now`, 'it is starting, or at its MaxStartups limit')
    case 'lost':
      return say('the connection broke', null)
    case 'silent':
      return say(`${at} stopped answering`, null)
    case 'no_shell':
      return say(
        `no sh answers at ${at}`,
        'use an account that may run commands; where there is no sh, --plain runs one over ssh without the launcher',
      )
    case 'no_directory':
      return say(`${at} has no place for the job's files`, 'give one that you can write to with --remote-dir')
    case 'no_processes':
      return say(
        `${at} can't tell one process from another`,
        'mount /proc there, or give it a ps that works; --plain runs the command without the launcher',
      )
    case 'sudo_denied':
      return say(
        `you may not run commands as that user at ${at}`,
        'sudo -n must work without a password: NOPASSWD in sudoers, and sh allowed',
      )
    case 'no_program':
      return say(`what leads to ${at} can't be started`, 'is it installed, and spelled like that?')
    case 'superseded':
      return say('a newer link of the same job is there', null)
    case 'usage':
      return say(
        "ssh can't be used like this",
        evidence.includes('ENOENT')
          ? "install OpenSSH's client, or add its place to PATH"
          : `check -F, -o, -p, -i and -J; ssh -G ${at} shows what they mean`,
      )
    case 'disk_full':
      return say('no space is left for the spool', 'make some (chap prune): nothing is lost, and it goes on by itself')
    case 'remote_disk_full':
      return say(
        `no space is left for the job's files at ${at}`,
        'make room there, or give another place: --remote-dir',
      )
  }
}

const wordsOfRefusal = (reason: RefusedReason, evidence: string, host: string): Words => {
  switch (reason) {
    case 'stopped':
      return { message: 'it was killed before it began', hint: null }
    case 'launch_interrupted':
      return {
        message: `the launch was interrupted before the command began (${safeText(evidence)})`,
        hint: 'start it again: the command certainly did not run',
      }
    case 'gave_up':
      return {
        message: `${safeText(host)} could not be reached in the time given (${safeText(evidence)})`,
        hint: '--give-up-after gives it longer; without it chap tries for ever',
      }
    default:
      return wordsOfFault({ code: reason, evidence }, host)
  }
}

const wordsOfUnknown = (reason: UnknownReason, evidence: string, host: string): Words => {
  const at = safeText(host)
  const own = evidence === '' ? '' : ` (${safeText(evidence)})`
  const hint = 'its output up to then is kept: chap logs'
  switch (reason) {
    case 'rebooted':
      return { message: `${at} was restarted while it ran${own}`, hint }
    case 'supervisor_died':
      return {
        message: `what waited for the command at ${at} was killed${own}`,
        hint: `the command may still run there; ${hint}`,
      }
    case 'directory_gone':
      return { message: `the job's files at ${at} were deleted, and its status with them${own}`, hint }
    case 'disconnected':
      return {
        message: `its connection was lost, and it was to end with it${own}`,
        hint: 'without --on-disconnect kill and --plain a job outlives its connection',
      }
    case 'gave_up':
      return {
        message: `the link broke in the moment of the launch, and ${at} could not be reached again in the time given${own}`,
        hint: 'the command may run there; look for its files in ~/.local/state/chap-remote, or its --remote-dir',
      }
    case 'record_unreadable':
      return { message: `the record of its end at ${at} can't be read${own}`, hint }
  }
}

/** Which timer ended a command; null: none did. */
export const wordsOfTimer = (by: EndedBy | null, limits: Limits | null): string | null => {
  const spell = (seconds: number | null | undefined): string => (seconds ? spellSeconds(seconds) : 'its limit')
  switch (by) {
    case 'timeout':
      return `timed out after ${spell(limits?.timeout)}`
    case 'idle':
      return `timed out after ${spell(limits?.idleTimeout)} without output`
    case 'lease':
      return 'its lease ran out'
    default:
      return null
  }
}

/** How it ended. */
export const wordsOfOutcome = (outcome: Outcome, host: string): Words => {
  switch (outcome.kind) {
    case 'exited':
      return { message: `exited ${outcome.code}`, hint: null }
    case 'signaled':
      return { message: `killed by ${outcome.signal}`, hint: null }
    case 'refused': {
      const { message, hint } = wordsOfRefusal(outcome.reason, outcome.evidence, host)
      return { message: `never began: ${message}`, hint }
    }
    case 'unknown': {
      const { message, hint } = wordsOfUnknown(outcome.reason, outcome.evidence, host)
      return { message: `ended with unknown status: ${message}`, hint }
    }
  }
}

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
      return { message: problem.message, hint: problem.hint ?? null }
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
    case 'kill_pending':
      return {
        message: `${problem.id}: ${safeText(problem.host)} can't be reached; the kill is recorded and will be carried out when it can`,
        hint: null,
      }
    case 'not_understood':
      return {
        message: `${problem.id}: its chaperone did not understand the request`,
        hint: `is it another version of chap? chap inspect ${problem.id}`,
      }
    case 'timed_out':
      return { message: `${problem.ids.join(', ')} did not end in time`, hint: null }
    case 'system':
      return {
        message: safeLines(problem.message),
        hint: isNoRoom({ code: problem.errno }) ? 'make room: chap prune' : null,
      }
  }
}
