// Read processes from Linux's /proc: who lives, whose child it is, what its environment holds. Signals nobody.
import { readdirSync, readFileSync } from 'node:fs'
import { until } from './until.ts'

/** A pid alone names nobody, since pids are used again; with the start time it names one process of this boot. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot. */
  readonly startTime: number
}

export interface Process extends ProcessIdentity {
  /** The kernel's short name: stays `sshd` when argv has become `sshd: root@notty`. */
  readonly name: string
  readonly argv: readonly string[]
  /** One letter: R, S, D, T, Z, ... */
  readonly state: string
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  /** The effective user. */
  readonly uid: number
}

/** Every process of this machine, zombies too. */
export function listProcesses(): Process[] {
  return listPids()
    .map(readProcess)
    .filter((found) => found !== undefined)
}

/** The process with this pid, zombies too; undefined when there is none. */
export function readProcess(pid: number): Process | undefined {
  const stat = readProcFile(pid, 'stat')
  const status = readProcFile(pid, 'status')
  const cmdline = readProcFile(pid, 'cmdline')
  if (stat === undefined || status === undefined || cmdline === undefined) return undefined
  // The name may itself hold spaces and parentheses: the fields begin after the last one.
  const nameEnd = stat.lastIndexOf(')')
  const [state = '?', ...numbers] = stat.slice(nameEnd + 2).split(' ')
  const [ppid = 0, pgid = 0, sid = 0] = numbers.map(Number)
  return {
    pid,
    ppid,
    pgid,
    sid,
    state,
    startTime: Number(numbers[18]),
    name: stat.slice(stat.indexOf('(') + 1, nameEnd),
    argv: splitAtNul(cmdline),
    uid: Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1]),
  }
}

/** Children, their children, and so on, parents first. Those that were orphaned belong to init and are not found. */
export function descendantsOf(pid: number, processes: readonly Process[] = listProcesses()): Process[] {
  const children = processes.filter((candidate) => candidate.ppid === pid)
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)])
}

/** The living processes that were started with NAME=value in their environment. */
export function findByEnvironment(name: string, value: string): Process[] {
  return findByEnvironments(new Set([`${name}=${value}`]))
}

/** Those that were started with one of these, `NAME=value`: /proc is read once, however many they are. */
export function findByEnvironments(wanted: ReadonlySet<string>): Process[] {
  return listProcesses().filter(
    ({ pid, state }) =>
      !isDead(state) && splitAtNul(readProcFile(pid, 'environ') ?? '').some((entry) => wanted.has(entry)),
  )
}

/** Is that very process still there? A zombie is not: it runs nothing and holds nothing open. */
export function isAlive(pid: number, startTime: number): boolean {
  const found = readProcess(pid)
  return found !== undefined && found.startTime === startTime && !isDead(found.state)
}

/** Wait until none of these is alive; the error shows those that still are. */
export async function waitUntilGone(processes: readonly ProcessIdentity[], deadline: number): Promise<void> {
  await until(
    () => {
      const left = processes.filter(({ pid, startTime }) => isAlive(pid, startTime))
      if (left.length > 0) throw new Error(`alive: ${left.map(({ pid }) => describe(pid)).join('; ')}`)
      return true
    },
    { deadline, what: 'processes to be gone' },
  )
}

function describe(pid: number): string {
  const found = readProcess(pid)
  return found === undefined ? `${pid}` : `${pid} ${found.state} ${found.argv.join(' ')}`
}

function isDead(state: string): boolean {
  return state === 'Z' || state === 'X'
}

function listPids(): number[] {
  if (process.platform !== 'linux') throw new Error('the test rig reads /proc: it needs Linux')
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
}

// A process that rewrote its title may leave no NUL at the end.
function splitAtNul(text: string): string[] {
  return text === '' ? [] : text.replace(/\0$/, '').split('\0')
}

// Undefined when the process went meanwhile (ENOENT, ESRCH) or is another user's (EACCES).
function readProcFile(pid: number, file: 'stat' | 'status' | 'cmdline' | 'environ'): string | undefined {
  if (process.platform !== 'linux') throw new Error('the test rig reads /proc: it needs Linux')
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
