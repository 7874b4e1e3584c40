// Kill a process at each system call by which it changes something: strace delivers SIGKILL before the Nth call of a kind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { until } from './until.ts'

/** Before the `count`th `syscall` of the process's main thread; pooled: of any thread, and of those that name the pooled path. */
export interface CrashPoint {
  readonly syscall: string
  readonly count: number
  readonly isPooled: boolean
}

export interface Traced {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** Where strace writes; one for each run. */
  readonly log: string
  /** The path that node's pool works on. */
  readonly pooled?: string
}

/** What changes a disk, another process, or what another process reads. */
const CHANGING = [
  ...[
    'openat',
    'write',
    'writev',
    'pwrite64',
    'sendmsg',
    'connect',
    'mkdir',
    'mknod',
    'rename',
    'renameat',
    'renameat2',
  ],
  ...['link', 'linkat', 'symlink', 'unlink', 'unlinkat', 'rmdir', 'fsync', 'fdatasync', 'ftruncate', 'utimensat'],
  ...['clone', 'vfork', 'kill'],
]
const OPENS_TO_WRITE = /O_WRONLY|O_RDWR|O_CREAT/

/** Runs it under strace to its end. @returns whether it was killed at the point */
const runTraced = async ({ argv, env, log, pooled }: Traced, point?: CrashPoint): Promise<boolean> => {
  const kinds = point?.syscall ?? CHANGING.join()
  const kill = point === undefined ? [] : ['-e', `inject=${kinds}:signal=KILL:when=${point.count}`]
  const narrow = point?.isPooled === true && pooled !== undefined ? ['-f', '-P', pooled] : []
  // -DDD: the process keeps the pid that was spawned, and with it the session that it leads.
  const options = ['-DDD', '-o', log, '-e', `trace=${kinds}`, '-e', 'signal=none', ...narrow, ...kill]
  const child = spawn('strace', [...options, ...argv], { detached: true, stdio: 'ignore', cwd: '/', env })
  const [, signal] = await once(child, 'exit')
  return signal === 'SIGKILL'
}

/** Its changing calls when it is left alone, those of node's start too, as strace words them. */
const listCalls = async (traced: Traced): Promise<string[]> => {
  await runTraced(traced)
  return until(
    () => {
      const lines = readFileSync(traced.log, 'utf8').split('\n')
      return lines.at(-2)?.startsWith('+++') ? lines.slice(0, -2) : undefined
    },
    { deadline: 5_000, what: "strace's last line" },
  )
}

/** Which calls of a kind to be killed at, one after the other, until one does not come any more. */
function* countsOf(syscall: string, calls: readonly string[], from: RegExp): Generator<number> {
  const start = calls.findIndex((call) => from.test(call))
  const isOfKind = (call: string): boolean => call.startsWith(`${syscall}(`)
  const before = calls.slice(0, start).filter(isOfKind).length
  if (syscall === 'openat') {
    // Between two calls that only read nothing differs.
    for (const [index, call] of calls.filter(isOfKind).entries())
      if (index >= before && OPENS_TO_WRITE.test(call)) yield index + 1
  } else for (let count = before + 1; ; count += 1) yield count
}

export interface Scene {
  /** Calls until the first of these are node getting up. */
  readonly from: RegExp
  /** What node's pool does with the pooled path. */
  readonly pooled?: readonly string[]
  /** Takes every so manieth point only. */
  readonly every?: number
  /** Kinds of calls; without it, all that change something. */
  readonly only?: readonly string[]
  /** @param run runs what is to be killed, and says whether it was. @param number of this play, from 0: a whole run */
  readonly play: (run: (traced: Traced) => Promise<boolean>, number: number) => Promise<void>
}

/**
 * Plays the scene once with what it runs left alone, then again and again, killed at the next point of each kind, until no more
 * such call comes. Two plays at once. @returns the points at which it was killed
 */
export async function atEveryPoint({
  from,
  play,
  pooled = [],
  every = 1,
  only = CHANGING,
}: Scene): Promise<CrashPoint[]> {
  let calls: string[] = []
  await play(async (traced) => {
    calls = await listCalls(traced)
    return false
  }, 0)
  const ofMain = only.map((syscall) => ({ syscall, isPooled: false, counts: countsOf(syscall, calls, from) }))
  const ofPool = pooled.map((syscall) => ({ syscall, isPooled: true, counts: countsOf(syscall, [], from) }))
  const kinds = [...ofMain, ...ofPool]
  const killed: CrashPoint[] = []
  let number = 0
  const work = async (): Promise<void> => {
    for (let kind = kinds.at(-1); kind !== undefined; kind = kinds.at(-1)) {
      const { syscall, isPooled, counts } = kind
      const { value: count, done } = counts.next()
      number += 1
      if (done !== true && number % every !== 0) continue
      const point = { syscall, isPooled, count: count ?? 0 }
      if (done !== true && (await playAt(play, point, number))) killed.push(point)
      else if (kinds.includes(kind)) kinds.splice(kinds.indexOf(kind), 1)
    }
  }
  await Promise.all([work(), work()])
  return killed
}

const playAt = async (play: Scene['play'], point: CrashPoint, number: number): Promise<boolean> => {
  let fired = false
  try {
    await play(async (traced) => {
      fired = await runTraced(traced, point)
      return fired
    }, number)
  } catch (error) {
    throw new Error(`killed at ${JSON.stringify(point)}: ${(error as Error).message}`, { cause: error })
  }
  return fired
}
