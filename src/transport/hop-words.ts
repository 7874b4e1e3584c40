/** What the words of sudo, docker and other hops mean, when no sh came to answer behind them. */
import type { Fault, FaultCode } from '../domain/fault.ts'
import { isTelling, readSshWords, SSH_SAID_NOTHING } from './ssh-words.ts'

/** sudo 1.8 and 1.9, sudo-rs, su, doas. */
const DENIED: readonly RegExp[] = [
  /^sudo: .*(password is required|authentication is required|authentication failed|terminal is required|no tty present|must have a tty)/i,
  /^sudo: .*(unknown user|unknown group|account validation failure|no new privileges|effective uid is not 0|do not exist in the passwd)/i,
  /is not in the sudoers file|is not allowed to (execute|run)|may not run sudo|I'm afraid I can't do that/,
  /^(.*: )?su: (Authentication failure|Permission denied|user .* does not exist|.*must be run from a terminal)/,
  /^doas: (Operation not permitted|Authentication|a tty is required|unknown user)/,
]

/** Exit statuses of a shell, env(1) and most hops: what they were to run is not there, or can't be run. */
const NOT_RUN = [126, 127]
/** The shell that says so begins with its own name. */
const SPEAKER = /^\S*sh: /
const SH = /(?<![\w.-])sh(?![\w.-])/
const NOT_FOUND = /^sudo: .*: command not found/
/** Ends with 255, as only ssh does otherwise. */
const NO_NAMESPACE = /^Cannot open network namespace/
/** ssh's exit status for whatever went wrong on its side. */
const SSH_FAILED = 255

/**
 * Why a control session ended before it greeted.
 * @param noise what was said on its stdout
 */
export const readHopWords = (status: number | null, words: readonly string[], noise: readonly string[]): Fault => {
  const said = [...noise, ...words].map((line) => line.trim()).filter(isTelling)
  const find = (...patterns: readonly RegExp[]): string | undefined =>
    said.find((line) => patterns.some((pattern) => pattern.test(line)))
  const denied = find(...DENIED)
  if (denied !== undefined) return { code: 'sudo_denied', evidence: denied }
  const missing = find(NOT_FOUND)
  if (missing !== undefined) return { code: 'no_program', evidence: missing }
  const last = find(NO_NAMESPACE) ?? said.at(-1) ?? ''
  const ended = (code: FaultCode): Fault => ({ code, evidence: `it ended with ${status}: ${last}` })
  if (status !== null && NOT_RUN.includes(status))
    return ended(SH.test(last.replace(SPEAKER, '')) ? 'no_shell' : 'no_program')
  if (status === null || (status === SSH_FAILED && !NO_NAMESPACE.test(last))) return readHopLoss(status, words)
  // An ssh may be one of several hops, and its end be told by another status.
  const fault = readSshWords(words, 'no_shell')
  return fault.code === 'no_shell' ? ended('no_shell') : fault
}

/** Why a session that stood ended. */
export const readHopLoss = (status: number | null, words: readonly string[]): Fault => {
  const fault = readSshWords(words, 'lost')
  return fault.evidence === SSH_SAID_NOTHING ? { ...fault, evidence: `a session ended with ${status}` } : fault
}
