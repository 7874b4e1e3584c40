// A spool of ten thousand jobs that are over (copies of spool.example's, with ids of their own, three days old) and some that run.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSpool } from '../../src/spool/guard.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { findJob } from '../../src/watcher/find-jobs.ts'
import { idOf } from '../rig/live-jobs.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'
import { measureLiveEvents } from './live-events.ts'
import { type Bench, median, ms, type Row, time } from './row.ts'

const JOBS = Number(process.env['CHAP_BENCH_JOBS'] ?? 10_000)
const RUNNING = 5
const ROUNDS = 5
const OLD_MS = 3 * 86_400_000

const FILES = ['events', 'log', 'stderr', 'stdout', 'timeline'] as const

const copyJob = (example: JobPaths, paths: JobPaths, id: string): void => {
  const old = new Date(Date.now() - OLD_MS)
  for (const dir of [paths.dir, paths.requests, paths.chaperones]) mkdirSync(dir, { mode: 0o700 })
  for (const file of FILES) writeFileSync(paths[file], readFileSync(example[file]), { mode: 0o600 })
  const read = (path: string): string =>
    readFileSync(path, 'utf8')
      .replaceAll('yyzt', id)
      .replaceAll('2026-11-27T', `${old.toISOString().slice(0, 10)}T`)
  writeFileSync(paths.spec, read(example.spec), { mode: 0o600 })
  writeFileSync(paths.state, read(example.state), { mode: 0o400 })
  for (const path of [paths.state, paths.events]) utimesSync(path, old, old)
}

export const measureManyJobs = async ({ root }: Pick<Bench, 'root'>): Promise<Row[]> => {
  const spool = await makeSpool()
  try {
    openSpool(spool.dir)
    const example = jobPaths(join(root, 'spool.example'), 'yyzt')
    for (let number = 0; number < JOBS; number += 1) {
      const id = idOf(number)
      copyJob(example, jobPaths(spool.dir, id), id)
    }
    const chap = [process.execPath, `${root}/bin/chap.js`]
    const running = Array.from({ length: RUNNING }, () =>
      time([...chap, 'start', '--', 'sleep', '600'], spool.env).stdout.trim(),
    )
    const shown = time([...chap, 'ls', '-q'], spool.env)
      .stdout.trim()
      .split('\n')
    if (shown.toSorted().join() !== running.toSorted().join()) throw new Error(`ls shows ${shown.join()}`)
    const works: readonly (readonly [string, string, readonly string[]])[] = [
      ['ls', '< 3', ['ls']],
      ['ls -q', '< 3', ['ls', '-q']],
      ['ls -a', '-', ['ls', '-a']],
      ['ls -a --json', '-', ['ls', '-a', '--json']],
      ['wait for one that is over', '-', ['wait', idOf(0)]],
      ['wait for all that are over', '-', ['wait', ...Array.from({ length: JOBS }, (_, number) => idOf(number))]],
    ]
    const taken = works.map(() => [] as number[])
    const node: number[] = []
    const byPrefix: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      node.push(time([process.execPath, '-e', '0'], spool.env).ms)
      for (const [index, [, , args]] of works.entries()) taken[index]?.push(time([...chap, ...args], spool.env).ms)
      const start = performance.now()
      if (!findJob(spool.dir, (running.find((id) => !id.startsWith('a')) ?? '').slice(0, 3), Date.now()).ok)
        throw new Error('no job by its beginning')
      byPrefix.push(performance.now() - start)
    }
    const bare = median(node)
    const rows = works.map(([work, goal], index): Row => {
      const own = median(taken[index] ?? [])
      return {
        work: `${work}, ${JOBS} jobs`,
        chap: ms(own),
        rival: `node -e 0: ${ms(bare)}`,
        ratio: (own / bare).toFixed(2),
        goal,
      }
    })
    const find = { work: `findJob by the beginning of an id, ${JOBS} jobs`, chap: ms(median(byPrefix)) }
    return [
      ...rows,
      { ...find, rival: '-', ratio: '-', goal: '-' },
      await measureWait(chap, spool.env, running),
      await measureEvents(chap, spool.env, []),
      await measureEvents(chap, spool.env, ['--since', '7d']),
      await measureLiveEvents(chap),
    ]
  } finally {
    await cleanUp(spool)
  }
}

type Env = Readonly<Record<string, string>>

/** From when the last of the running jobs is asked to end. */
const measureWait = async (chap: readonly string[], env: Env, running: readonly string[]): Promise<Row> => {
  const [program = '', ...args] = [...chap, 'wait', '--all']
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let isOver = false
  child.once('exit', () => {
    isOver = true
  })
  let memory = 0
  // It has seen all of them when it is as large as that.
  await until(() => readStatus(child.pid, 'VmRSS') > 45, { deadline: 20_000, what: 'wait to have begun' })
  const kill = spawn(program, [...args.slice(0, -2), 'kill', '--grace', '1s', ...running], { env, stdio: 'ignore' })
  const start = performance.now()
  await until(
    () => {
      memory = Math.max(memory, readStatus(child.pid, 'VmHWM'))
      return isOver && kill.exitCode !== null
    },
    { deadline: 20_000, what: 'the end of wait' },
  )
  return {
    work: `wait --all, ${JOBS} jobs, ${RUNNING} of them run`,
    chap: `${memory.toFixed(0)} MiB`,
    rival: `${ms(performance.now() - start)} after kill`,
    ratio: '-',
    goal: '-',
  }
}

const measureEvents = async (chap: readonly string[], env: Env, since: readonly string[]): Promise<Row> => {
  const [program = '', ...args] = [...chap, 'events', '--json', ...since]
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = 0
  const start = performance.now()
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1').split('\n').length - 1
  })
  const past = since.length === 0 ? 0 : 6 * JOBS
  await until(() => said >= past, { deadline: 120_000, what: 'the events of all jobs' })
  const taken = performance.now() - start
  // And what happens then, whenever it begins to look.
  await until(() => time([...chap, 'run', '--', 'true'], env) && said >= past + 4, {
    deadline: 60_000,
    what: 'new jobs',
  })
  const [now, peak] = [readStatus(child.pid, 'VmRSS'), readStatus(child.pid, 'VmHWM')]
  child.kill()
  return {
    work: ['events', ...since, `, ${JOBS} jobs`].join(' ').replace(' ,', ','),
    chap: `${now.toFixed(0)} MiB (${peak.toFixed(0)} at most)`,
    rival: since.length === 0 ? '-' : `the past in ${ms(taken)}`,
    ratio: '-',
    goal: '< 100 MB',
  }
}

/** MiB of a living process; 0: it is none any more. */
const readStatus = (pid: number | undefined, name: 'VmRSS' | 'VmHWM'): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
