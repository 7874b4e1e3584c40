/** Does ssh get in? Its own words tell which step of it failed. */
import { setTimeout as pause } from 'node:timers/promises'
import { explainNoStart, type Fault, readSshWords } from '../../index.ts'
import type { Probe } from './probe.ts'
import { fail, ok, type Step, skip, step, timed } from './step.ts'

/** Milliseconds for the authentication, after the connection's own limit. */
const LOGIN_MS = 15_000
const LET_IN = /^Authenticated to /

/** @param limit milliseconds that the connection may take */
export const checkLogin = async (probe: Probe, limit: number): Promise<readonly Step[]> => {
  const [first, ms] = await timed(() =>
    Promise.race([
      probe.said(LET_IN).then(() => 'in' as const),
      probe.exited,
      pause(limit + LOGIN_MS, 'late' as const, { ref: false }),
    ]),
  )
  const words = probe.words.find((line) => LET_IN.test(line))
  if (words !== undefined) {
    const how = /using "?([^".]+)/.exec(words)?.[1] ?? ''
    return [step('connection', ok('made')), step('host_key', ok('known')), step('login', ok(how), ms)]
  }
  const fault: Fault =
    first === 'late'
      ? { code: 'timeout', evidence: `no answer within ${(limit + LOGIN_MS) / 1000} s (${probe.words.at(-1) ?? ''})` }
      : first instanceof Error
        ? explainNoStart(first)
        : readSshWords(probe.words, 'lost')
  const failed = fail(fault.evidence, { code: 'fault', fault })
  switch (fault.code) {
    case 'host_key':
      return [step('connection', ok('made')), step('host_key', failed, ms), step('login', skip('not tried'))]
    case 'authentication':
      return [step('connection', ok('made')), step('host_key', ok('known')), step('login', failed, ms)]
    default:
      return [step('connection', failed, ms), step('host_key', skip('not tried')), step('login', skip('not tried'))]
  }
}
