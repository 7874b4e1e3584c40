// What a tree of processes uses of the CPU, also those that have ended: a control group counts it, in microseconds.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { until } from '../rig/until.ts'

export interface Account {
  /** The argv by which a program, and what it starts, is counted here. */
  enter(argv: readonly string[]): string[]
  /** Seconds so far. */
  seconds(): number
  /** The processes that are in it now. */
  pids(): number[]
  /** When nothing is in it any more. */
  close(): Promise<unknown>
}

/** Does the work, waits until nothing runs of what it started in the account, and says what all that used; with the server's, if it is given. */
export const countCpu = async <T>(
  there: Account | undefined,
  work: (account: Account | undefined) => Promise<T>,
): Promise<{ readonly value: T; readonly cpu: number }> => {
  const account = openAccount()
  const before = there?.seconds() ?? 0
  try {
    const value = await work(account)
    if (account === undefined) return { value, cpu: Number.NaN }
    await untilEmpty(account)
    return { value, cpu: account.seconds() + (there?.seconds() ?? 0) - before }
  } finally {
    // Of a work that failed something may be left: its world is ended soon, and then the account is closed.
    if (account?.pids().length === 0) await account.close()
  }
}

const EMPTY_MS = 30_000

export const untilEmpty = (account: Account): Promise<unknown> =>
  until(() => account.pids().length === 0, { deadline: EMPTY_MS, what: 'the end of all that was started' })

let last = 0
const open = new Set<Account>()

/** Closes those that a work that failed has left, once its processes are ended. */
export const closeAccounts = async (): Promise<void> => {
  for (const account of open) await account.close()
}

/** undefined: this machine lets us make no control group (not root, or none is mounted). */
export const openAccount = (): Account | undefined => {
  const mount = findMount(readFileSync('/proc/mounts', 'utf8'))
  if (mount === undefined) return undefined
  last += 1
  const dir = `${mount}/chap-bench-${process.pid}-${last}`
  try {
    mkdirSync(dir)
    // A container may show the tree and take nothing from us.
    writeFileSync(`${dir}/cgroup.procs`, '')
  } catch {
    return undefined
  }
  const procs = `${dir}/cgroup.procs`
  const account: Account = {
    enter: (argv) => ['sh', '-c', 'echo $$ >"$0" && exec "$@"', procs, ...argv],
    seconds: () => Number(/^usage_usec (\d+)/m.exec(readFileSync(`${dir}/cpu.stat`, 'utf8'))?.[1]) / 1e6,
    pids: () => readFileSync(procs, 'utf8').split('\n').filter(Boolean).map(Number),
    // Busy for a moment still, when the last process has just left it.
    close: () =>
      until(
        () => {
          rmdirSync(dir)
          return open.delete(account)
        },
        { deadline: EMPTY_MS, what: `the end of ${dir}` },
      ),
  }
  open.add(account)
  return account
}

/** Version 2 counts in each of its groups, whichever controllers it has. */
const findMount = (mounts: string): string | undefined =>
  mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1]
