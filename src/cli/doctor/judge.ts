/** What the probe said of a machine, judged. */
import { formatSize } from '../job-row.ts'
import type { Facts } from './probe.ts'
import { NEEDED, SESSION, USEFUL } from './probe-script.ts'
import { type Finding, fail, ok, type Step, skip, step, warn } from './step.ts'

/** KiB: below, output may soon find no room. */
const LITTLE_KIB = 256 * 1024
/** Seconds: more is not the way's delay. */
const CLOCK_SECONDS = 5

export const judgeFacts = (facts: Facts): readonly Step[] => [
  step('programs', judgePrograms(facts)),
  step('directory', judgeDirectory(facts)),
  step('space', judgeSpace(facts)),
  step('logout', judgeLogout(facts)),
]

const judgePrograms = (facts: Facts): Finding => {
  const have = (facts.get('have') ?? '').split(' ')
  const missing = NEEDED.filter((program) => !have.includes(program))
  if (missing.length > 0) return fail(`there is no ${missing.join(', ')}`, { code: 'missing', programs: missing })
  const session = SESSION.find((program) => have.includes(program))
  const absent = USEFUL.filter((program) => !have.includes(program))
  const rest = [
    facts.has('proc') ? '/proc' : 'no /proc: ps is asked instead',
    ...(absent.length === 0 ? [] : [`some help is missing: ${absent.join(', ')}`]),
  ]
  if (session === undefined)
    return warn(`all that is needed, but none of ${SESSION.join(', ')}; ${rest.join('; ')}`, { code: 'no_session' })
  return ok(`all that is needed, ${session}; ${rest.join('; ')}`)
}

const judgeDirectory = (facts: Facts): Finding => {
  const root = (facts.get('root') ?? '').trim()
  if (facts.has('writable')) return ok(root)
  return fail(`${root}: ${(facts.get('refused') ?? '').trim()}`, { code: 'no_directory' })
}

const judgeSpace = (facts: Facts): Finding => {
  // POSIX df -P: file system, 1024-blocks, used, available, capacity, mounted on.
  const [, available, place] = /\s(\d+)\s+\d+%\s+(.*)$/.exec(facts.get('space') ?? '') ?? []
  if (available === undefined || place === undefined) return skip('df does not say')
  return judgeFree(Number(available), place)
}

/** @param kib that can be written at this place */
export const judgeFree = (kib: number, place: string): Finding => {
  const evidence = `${formatSize(kib * 1024)} free at ${place}`
  const complaint = { code: 'little_space', place } as const
  if (kib === 0) return fail(evidence, complaint)
  return kib < LITTLE_KIB ? warn(evidence, complaint) : ok(evidence)
}

const judgeLogout = (facts: Facts): Finding => {
  if (!facts.has('logind')) return ok('no logind: nothing ends jobs')
  const asked = facts.get('logind') ?? ''
  const kills = asked === '' ? /=\s*(yes|true|on|1)\s*$/i.test(facts.get('logind.conf') ?? '') : asked === 'b true'
  if (!kills) return ok('KillUserProcesses=no')
  if (facts.get('linger') === 'yes') return ok('KillUserProcesses=yes, but lingering is on')
  return warn('KillUserProcesses=yes, and lingering is off', { code: 'killed_at_logout' })
}

/** @param seconds that the clock there is ahead of this one's */
export const judgeClock = (seconds: number): Finding => {
  const off = Math.abs(seconds)
  if (off <= CLOCK_SECONDS) return ok('as here, within seconds')
  return warn(`${Math.round(off)} s ${seconds > 0 ? 'ahead' : 'behind'}`, { code: 'clock' })
}
