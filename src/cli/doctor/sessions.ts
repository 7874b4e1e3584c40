/** Does the server grant the further sessions that a job takes over its connection? */
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { childOf, onLines, REFUSED, readSshWords, runBySh, type SshTarget, sessionArgv } from '../../index.ts'
import { type Finding, fail, ok, warn } from './step.ts'

/** One for each stream. */
const SESSIONS = 2
const PATIENCE_MS = 15_000
const MARK = 'chap-session'

export const checkSessions = async (target: SshTarget): Promise<Finding> => {
  // All at once: what counts is how many may be open together.
  const sessions = Array.from({ length: SESSIONS }, () => openSession(target))
  const results = await Promise.all(sessions.map(({ opened }) => opened))
  for (const { close } of sessions) close()
  await Promise.all(sessions.map(({ ended }) => ended))
  const [failed] = results.filter((words) => words !== null)
  if (failed === undefined) return ok(`${SESSIONS} more at once over the same connection`)
  const refusal = failed.find((line) => REFUSED.test(line))
  if (refusal !== undefined) return warn(refusal, { code: 'few_sessions' })
  const fault = readSshWords(failed, 'lost')
  return fail(fault.evidence, { code: 'fault', fault })
}

const openSession = (target: SshTarget) => {
  const args = sessionArgv(target, runBySh(`echo; echo ${MARK}; cat >/dev/null`))
  const child = childOf(spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'] }))
  const words: string[] = []
  if (child.stderr !== null) onLines(child.stderr, (line) => words.push(line))
  const said = new Promise<null>((resolve) => {
    if (child.stdout !== null) onLines(child.stdout, (line) => line === MARK && resolve(null))
  })
  // null: it is open.
  const opened = Promise.race([said, child.exited.then(() => words), pause(PATIENCE_MS, words, { ref: false })])
  return {
    opened,
    ended: child.exited,
    close: () => {
      child.stdin?.end()
      void pause(PATIENCE_MS, undefined, { ref: false }).then(child.kill)
    },
  }
}
