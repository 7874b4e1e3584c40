// The launcher alone, run by a shell of choice over pipes: no ssh, no chaperone, no spool.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import type { Report } from '../../src/domain/report.ts'
import type { Spec } from '../../src/domain/spec.ts'
import { type Child, childOf } from '../../src/transport/child.ts'
import { commandText, remoteName } from '../../src/transport/command-text.ts'
import { type Control, type Greeting, startControl } from '../../src/transport/control.ts'
import { launcherText, takeLauncher } from '../../src/transport/launcher.ts'
import type { Hello, Line, Output } from '../../src/transport/protocol.ts'
import { localDraft } from './job.ts'
import { findByEnvironment, listProcesses, type Process, readProcess } from './processes.ts'
import { needProgram } from './programs.ts'
import type { Spool } from './spool.ts'
import { until, untilSeen } from './until.ts'

/** Shells that the launcher must run under. zsh reads as sh when it is called so. */
export const launcherShells = ['dash', 'bash', 'busybox', 'mksh', 'zsh'] as const
export type LauncherShell = (typeof launcherShells)[number]

const NO_TIMERS = { lease: 0, timeout: 0, idleTimeout: 0, maxOutput: 0, onMaxOutput: 'kill', grace: 10 } as const

export interface TestControl {
  readonly child: Child
  readonly greeting: Greeting
  /** What the launcher said unasked. */
  readonly reports: readonly Report[]
  launch(script: string): Promise<Report>
  status(): Promise<Report>
  ask(verb: string, payload?: Uint8Array): Promise<Line>
  /** What it said with the end. */
  output(): Output | undefined
  /** Waits for the launcher to say by itself that nothing runs any more. */
  untilOver(deadline?: number): Promise<Report>
  /** Ends its input, as a connection's end does, and sees it gone. */
  close(): Promise<void>
}

export interface TestLauncher {
  readonly spec: Spec
  readonly env: Readonly<Record<string, string>>
  /** The directory of job directories, and the job's own. */
  readonly root: string
  readonly dir: string
  /** Opens a control session; it must greet. */
  open(generation: number, change?: Partial<Hello>): Promise<TestControl>
  /** Sends the hello only. */
  hail(
    generation: number,
    change?: Partial<Hello>,
  ): { readonly child: Child; readonly control: Control; readonly reports: Report[] }
  follow(generation: number, stream: 'stdout' | 'stderr', from?: number): ChildProcess
  /** Sends stdin as a file into the job's directory. */
  take(name: string, size: number): ChildProcess
  /** Keeps timers for a job, as the supervisor's own watcher does. @returns its exit status */
  watch(timers: { readonly timeout: number }): Promise<number | null | Error>
  /** The process noted in a file of the job's directory. */
  noted(file: string): Process | undefined
  /** Every process of the job, the launcher's and the command's. */
  processes(): Process[]
}

export interface LauncherOptions {
  readonly shell: LauncherShell
  /** Programs that shall not be found. */
  readonly without?: readonly string[]
  /** What comes before `sh` on the command line. */
  readonly prefix?: readonly string[]
  readonly root?: string
}

export const makeLauncher = (
  spool: Spool,
  { shell, without = [], prefix = [], root = `${spool.root}/remote` }: LauncherOptions,
): TestLauncher => {
  const spec: Spec = { ...localDraft(['true']), id: 'test', nonce: randomBytes(8).toString('hex') }
  const env = { ...spool.env, PATH: makePath(spool, shell, without) }
  const dir = `${root}/${remoteName(spec)}`

  const start = (args: readonly string[], stdin: 'pipe' | 'ignore'): ChildProcess => {
    const [program = 'sh', ...rest] = [...prefix, 'sh', ...args]
    return spawn(program, rest, { env, cwd: spool.home, stdio: [stdin, 'pipe', 'ignore'] })
  }

  const hail: TestLauncher['hail'] = (generation, change = {}) => {
    const child = childOf(start(['-c', takeLauncher(Buffer.byteLength(launcherText()))], 'pipe'))
    child.stdin?.write(launcherText())
    const reports: Report[] = []
    const here = { nonce: spec.nonce, generation, policy: 'keep', ...NO_TIMERS, root, name: remoteName(spec) } as const
    const hello: Hello = {
      ...here,
      stdout: null,
      stderr: null,
      stdin: '/dev/null',
      isKnown: false,
      series: null,
      runs: null,
      ...change,
    }
    return { child, control: startControl(child, hello, (report) => reports.push(report)), reports }
  }

  return {
    spec,
    env,
    root,
    dir,
    hail,
    open: async (generation, change) => {
      const { child, control, reports } = hail(generation, change)
      const greeting = await Promise.race([
        control.greeted,
        child.exited.then((status) => ({ status, noise: control.noise })),
      ])
      if (!('dir' in greeting)) throw new Error(`the launcher did not greet: ${JSON.stringify(greeting)}`)
      return {
        child,
        greeting,
        reports,
        launch: async (script) => {
          const text = commandText({ ...spec, program: { argv: ['sh', '-c', script] }, series: change?.series ?? null })
          return control.report(await control.ask(`launch ${Buffer.byteLength(text)}`, text))
        },
        status: async () => control.report(await control.ask('status')),
        ask: (verb, payload) => control.ask(verb, payload),
        output: control.output,
        untilOver: async (deadline = 20_000) => {
          const over = (report: Report): boolean => report.kind !== 'running'
          await until(() => reports.some(over), { deadline, what: 'the launcher to say how the job ended' })
          return reports.find(over) as Report
        },
        close: async () => {
          child.stdin?.end()
          await child.exited
        },
      }
    },
    follow: (generation, stream, from = 0) => {
      const numbers = [generation, stream, from, from + 1, Math.floor(from / 65_536), from % 65_536].map(String)
      return start([`${dir}/launcher`, 'follow', dir, ...numbers], 'ignore')
    },
    take: (name, size) => start([`${dir}/launcher`, 'take', dir, name, String(size)], 'pipe'),
    watch: ({ timeout }) =>
      childOf(
        start(
          [`${dir}/launcher`, 'watch', dir, '0', String(timeout), '0', '10', `${dir}/stdout`, `${dir}/stderr`],
          'ignore',
        ),
      ).exited,
    noted: (file) => {
      const [pid, startTime] = readFileSync(`${dir}/${file}`, 'utf8').split(' ').map(Number)
      const found = readProcess(pid ?? 0)
      return found?.startTime === startTime && found?.state !== 'Z' ? found : undefined
    },
    processes: () => {
      const byArgv = listProcesses().filter(
        ({ argv, state }) => state !== 'Z' && argv.some((word) => word.includes(dir)),
      )
      const all = [...byArgv, ...findByEnvironment('CHAP_MARK', remoteName(spec))]
      const own = all.filter(({ pid }) => findByEnvironment('CHAP_SPOOL', spool.dir).some((one) => one.pid === pid))
      return [...new Map(own.map((found) => [found.pid, found])).values()]
    },
  }
}

/** A PATH whose `sh` is this shell: the launcher calls itself by that name. busybox gets nothing but its applets. */
const makePath = (spool: Spool, shell: LauncherShell, without: readonly string[]): string => {
  const bin = `${spool.root}/bin-${[shell, ...without].join('-')}`
  if (!existsSync(bin)) {
    mkdirSync(bin)
    if (shell === 'busybox') execFileSync(needProgram('busybox'), ['--install', '-s', bin])
    else symlinkSync(needProgram(shell), `${bin}/sh`)
    if (shell !== 'busybox' && without.length > 0) linkAll(bin)
    for (const name of without) rmSync(`${bin}/${name}`, { force: true })
  }
  return shell === 'busybox' || without.length > 0 ? bin : `${bin}:${spool.env['PATH']}`
}

const linkAll = (bin: string): void => {
  for (const folder of (process.env['PATH'] ?? '/usr/bin:/bin').split(':').filter(existsSync))
    for (const name of readdirSync(folder))
      if (!existsSync(`${bin}/${name}`)) symlinkSync(`${folder}/${name}`, `${bin}/${name}`)
}

/** Waits until nothing of the job runs; the error shows what does. */
export const untilNothingRuns = (launcher: TestLauncher, deadline = 5_000): Promise<Process[]> =>
  untilSeen(launcher.processes, (left) => left.length === 0, { deadline, what: 'all processes of the job to be gone' })
