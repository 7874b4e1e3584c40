/** What the probe said of a machine, judged. */
import { type Room, runsLow } from '../../index.ts'
import { formatSize } from '../job-row.ts'
import type { Facts } from './probe.ts'
import { NEEDED, SESSION, USEFUL } from './probe-script.ts'
import { type Finding, fail, ok, type Step, skip, step, warn } from './step.ts'

/** A job takes about fifteen. */
const FEW_FILES = 200
/** KiB: below, output may soon find no room. */
const LITTLE_KIB = 256 * 1024
/** Seconds: more is not the way's delay. */
const CLOCK_SECONDS = 5

/** @param where here: this machine, whose spool has a disk of its own */
export const judgeFacts = (facts: Facts, where: 'here' | 'there' = 'there'): readonly Step[] => [
  step('programs', judgePrograms(facts)),
  step('directory', judgeDirectory(facts)),
  step('space', judgeSpace(facts)),
  step('logout', judgeLogout(facts, where === 'here')),
]

const judgePrograms = (facts: Facts): Finding => {
  const have = (facts.get('have') ?? '').split(' ')
  const missing = NEEDED.filter((program) => !have.includes(program))
  if (missing.length > 0) return fail(`there is no ${missing.join(', ')}`, { code: 'missing', programs: missing })
  // As the launcher would say it.
  if (facts.has('blind')) {
    const evidence = `no /proc, and ps says: ${(facts.get('blind') ?? '').trim()}`
    return fail(evidence, { code: 'fault', fault: { code: 'no_processes', evidence } })
  }
  const session = SESSION.find((program) => have.includes(program))
  const absent = USEFUL.filter((program) => !have.includes(program))
  const rest = [
    facts.has('proc') ? '/proc' : 'no /proc: ps is asked instead',
    ...(have.includes('perl') ? [] : ['no perl: when its disk is full, output on its way there is lost']),
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
  const free = judgeFree(Number(available), place)
  // df -Pi: inodes, used, free, in use.
  const [, files] = /\s(\d+)\s+\d+%\s+.*$/.exec(facts.get('inodes') ?? '') ?? []
  if (free.status !== 'ok' || files === undefined || Number(files) >= FEW_FILES) return free
  return warn(`${free.evidence}, but only for ${files} files`, { code: 'little_space', place })
}

/** @param kib that can be written at this place */
export const judgeFree = (kib: number, place: string): Finding => {
  const evidence = `${formatSize(kib * 1024)} free at ${place}`
  const complaint = { code: 'little_space', place } as const
  if (kib === 0) return fail(evidence, complaint)
  return kib < LITTLE_KIB ? warn(evidence, complaint) : ok(evidence)
}

/** What there is on the disk of the spool. */
export const judgeRoom = (room: Room): Finding => {
  const low = runsLow(room)
  const files = low === 'files' ? `, but only for ${room.freeFiles} files` : ''
  const evidence = `${formatSize(room.free)} of ${formatSize(room.size)} free${files}`
  if (room.size > 0 && room.free === 0) return fail(evidence, { code: 'little_room' })
  return low === null ? ok(evidence) : warn(evidence, { code: 'little_room' })
}

/** logind has three properties: whether it kills at the end of a session, whom it spares, and whom alone it does not. Lingering spares nobody. */
const judgeLogout = (facts: Facts, here: boolean): Finding => {
  if (!facts.has('logind')) return ok('no logind: nothing ends jobs')
  const said = facts.get('logind') ?? ''
  const asked = /^b (true|false)/.exec(said)?.[1]
  const kills = asked === undefined ? /=\s*(yes|true|on|1)\s*$/i.test(facts.get('logind.conf') ?? '') : asked === 'true'
  if (!kills) return ok('KillUserProcesses=no: nothing ends at a logout')
  const user = facts.get('user') ?? ''
  const [spared = [], only = []] = [...said.matchAll(/\bas \d+((?: "[^"]*")*)/g)].map(([, names = '']) =>
    [...names.matchAll(/"([^"]*)"/g)].map(([, name]) => name),
  )
  const isSpared = spared.includes(user) || (asked === undefined && user === 'root')
  if (isSpared || (only.length > 0 && !only.includes(user))) return ok(`KillUserProcesses=yes, but not for ${user}`)
  return warn('KillUserProcesses=yes, also for users that linger', { code: 'killed_at_logout', here })
}

/** @param seconds that the clock there is ahead of this one's */
export const judgeClock = (seconds: number): Finding => {
  const off = Math.abs(seconds)
  if (off <= CLOCK_SECONDS) return ok('as here, within seconds')
  return warn(`${Math.round(off)} s ${seconds > 0 ? 'ahead' : 'behind'}`, { code: 'clock' })
}
