/** What an sh there says of its machine: prerequisites, places, clock, delay. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Fault, readSshWords } from '../../index.ts'
import { judgeClock, judgeFacts } from './judge.ts'
import type { Facts, Probe } from './probe.ts'
import { type Finding, fail, ok, type Step, skip, step, timed, warn } from './step.ts'

/** Milliseconds for the script, which starts some dozens of programs. */
const SCRIPT_MS = 15_000
/** Questions whose answers are timed. */
const QUESTIONS = 5
/** ssh's exit status for whatever went wrong on its side. */
const SSH_FAILED = 255

/**
 * @param checkSessions tries further sessions over the same connection; null: each is a process of its own
 * @param limit milliseconds that each answer may take
 */
export async function* checkShell(
  probe: Probe,
  checkSessions: (() => Promise<Finding>) | null,
  limit: number,
): AsyncGenerator<Step> {
  const [first, ms] = await timed(() => beforeLate(limit + SCRIPT_MS, probe.facts, probe.exited))
  if (first === 'late' && probe.heard.size > 0) {
    const evidence = `no answer within ${(limit + SCRIPT_MS) / 1000} s about ${probe.heard.get('root') ?? 'it'}`
    yield step('directory', fail(evidence, { code: 'fault', fault: { code: 'silent', evidence } }), ms)
    return
  }
  if (!(first instanceof Map)) {
    const fault = faultOf(first as Exclude<typeof first, Facts>, probe)
    yield step('shell', fail(fault.evidence, { code: 'fault', fault }), ms)
    return
  }
  yield step('shell', ok((first.get('system') ?? '').trim()), ms)
  const [noise] = probe.noise
  yield step('rc_files', noise === undefined ? ok('print nothing') : warn(`print: ${noise}`, { code: 'noisy' }))
  yield* judgeFacts(first)
  if (checkSessions === null) yield step('sessions', skip('each is a process of its own'))
  else yield step('sessions', ...(await timed(checkSessions)))
  yield* checkAnswers(probe, limit)
}

async function* checkAnswers(probe: Probe, limit: number): AsyncGenerator<Step> {
  const delays: number[] = []
  let seconds = 0
  for (let i = 0; i < QUESTIONS; i += 1) {
    const [answer, ms] = await timed(() =>
      beforeLate(
        limit,
        probe.ask(),
        probe.exited.then(() => 'ended' as const),
      ),
    )
    if (typeof answer !== 'number') {
      const fault: Fault = { code: 'silent', evidence: `no answer within ${limit / 1000} s` }
      yield step('round_trip', fail(fault.evidence, { code: 'fault', fault }), ms)
      return
    }
    // The answer was made half way, and is a whole second that had begun.
    if (ms <= Math.min(...delays, ms)) seconds = answer + 0.5 - (Date.now() - ms / 2) / 1000
    delays.push(ms)
  }
  yield step('clock', Number.isFinite(seconds) ? judgeClock(seconds) : skip('date does not say'))
  const median = delays.toSorted((one, other) => one - other)[QUESTIONS >> 1] ?? 0
  yield step('round_trip', ok('one question and its answer'), median)
}

const beforeLate = <One, Other>(ms: number, one: Promise<One>, other: Promise<Other>): Promise<One | Other | 'late'> =>
  Promise.race([one, other, pause(ms, 'late' as const, { ref: false })])

const faultOf = (first: number | null | Error | 'late', { noise, words }: Probe): Fault => {
  if (first instanceof Error) return { code: 'no_shell', evidence: first.message }
  const said = noise.at(-1) ?? words.at(-1) ?? ''
  if (first === 'late') return { code: 'no_shell', evidence: `no sh answers: ${said}` }
  if (first === SSH_FAILED || first === null) return readSshWords(words, 'lost')
  return { code: 'no_shell', evidence: `sh ended with ${first}: ${said}` }
}
