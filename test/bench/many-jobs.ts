// A spool of ten thousand jobs that are over (copies of spool.example's, with ids of their own, three days old) and some that run.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSpool } from '../../src/spool/guard.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { findJob } from '../../src/watcher/find-jobs.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'
import { type Bench, median, ms, type Row, time } from './row.ts'

const JOBS = Number(process.env['CHAP_BENCH_JOBS'] ?? 10_000)
const RUNNING = 5
const ROUNDS = 7
const OLD_MS = 3 * 86_400_000

/** Letters only: four of them are enough for 400,000 jobs. */
const idOf = (number: number): string => {
  let [id, left] = ['', number]
  for (let place = 0; place < 4; place += 1) {
    id = `${'abcdefghijkmnpqrstuvwxyz'[left % 24]}${id}`
    left = Math.floor(left / 24)
  }
  return id
}

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
    return [...rows, { ...find, rival: '-', ratio: '-', goal: '-' }, await measureEvents(chap, spool.env)]
  } finally {
    await cleanUp(spool)
  }
}

const measureEvents = async (chap: readonly string[], env: Readonly<Record<string, string>>): Promise<Row> => {
  const [program = '', ...args] = [...chap, 'events', '--json', '--since', '7d']
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = 0
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1').split('\n').length - 1
  })
  await until(() => said >= 6 * JOBS, { deadline: 60_000, what: 'the events of all jobs' })
  // And what happens then.
  time([...chap, 'start', '--', 'true'], env)
  await until(() => said >= 6 * JOBS + 2 * RUNNING + 4, { deadline: 60_000, what: 'a new job' })
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1')
  child.kill()
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return {
    work: `memory of events --since 7d, ${JOBS} jobs (at most)`,
    chap: `${mib('VmRSS').toFixed(0)} MiB (${mib('VmHWM').toFixed(0)})`,
    rival: '-',
    ratio: '-',
    goal: '< 100 MB',
  }
}
