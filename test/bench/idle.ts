// What a hundred jobs cost that do nothing: memory and CPU here and there, beside programs that only keep a process alive.
import { setTimeout as pause } from 'node:timers/promises'
import { jobPaths } from '../../src/spool/layout.ts'
import { listProcesses } from '../rig/processes.ts'
import { type Account, openAccount, untilEmpty } from './account.ts'
import { makeHosts } from './hosts.ts'
import { allJobs, chaperoneOf, memoryOf, startJobs } from './jobs.ts'
import { type KeeperMemory, measureKeepers } from './keepers.ts'
import { atMost, type Curve, type Point, type Result, type Row } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const COMMAND = ['sleep', '3600']
/** Then the pauses between looks have grown to their longest. */
const SETTLE_MS = 15_000

/** Percent of a core in each account, over some seconds in which nothing happens. */
const watchCpu = async ({ signal, size }: Bench, accounts: readonly Account[]): Promise<readonly number[]> => {
  const ms = size(30_000, 5_000)
  await pause(size(SETTLE_MS, 5_000), undefined, { signal })
  const before = accounts.map((account) => account.seconds())
  await pause(ms, undefined, { signal })
  return accounts.map((account, index) => (100_000 * (account.seconds() - (before[index] ?? 0))) / ms)
}

const measure = async (bench: Bench): Promise<Result> => {
  const { there, say, size } = bench
  const here = openAccount()
  if (here === undefined || there === undefined)
    throw new Error(
      'the CPU of processes that come and go is counted by control groups, and none can be made here: be root',
    )
  const count = size(100, 8)
  const points: Point[] = []
  const local: number[] = []
  for (const step of size(1, 0) === 1 ? [10, 25, 50, 100] : [4, 8]) {
    const jobs = await startJobs(bench, step - local.length, () => ['--', ...COMMAND], { account: here })
    local.push(...jobs.map(({ paths }) => chaperoneOf(paths)))
    await pause(2_000, undefined, { signal: bench.signal })
    points.push({ x: step, samples: { 'all chaperones': [sum(local.map(mibOf))] } })
    say(`${step} local jobs`)
  }
  const [localCpu = Number.NaN] = await watchCpu(bench, [here])
  const ours = new Set(local)
  const rest = here.pids().filter((pid) => !ours.has(pid))
  const [own, beside] = [local.map(mibOf), sum(rest.map(mibOf)) / count]
  const keepers = await measureKeepers(bench, count)
  const rows: Row[] = [
    {
      work: `memory of an idle chaperone, Pss, one of ${count} local ones`,
      unit: 'MiB',
      chap: own,
      rivals: keepersOf(keepers),
      // 9 MB, said in MiB; and of all the mean, as the issue has it: Pss / 100.
      verdict: atMost(mean(own), 9e6 / 2 ** 20, 'MiB', 'in the mean'),
      note: 'the rivals hold a terminal or a pipe each, and know no other machine; tmux is one server for all',
    },
    {
      work: '  the same, private only',
      unit: 'MiB',
      chap: local.map((pid) => memoryOf(pid, 'Private') / 1024),
      rivals: {},
      verdict: null,
    },
    {
      work: '  what else runs for such a job (sh, its recorder, the command), Pss',
      unit: 'MiB',
      chap: [beside],
      rivals: {},
      verdict: null,
      note: `${(rest.length / count).toFixed(1)} processes each`,
    },
    {
      work: `CPU of ${count} idle local jobs and all that belongs to them`,
      unit: '%',
      chap: [localCpu],
      rivals: {},
      verdict: atMost(localCpu, 1, '%', 'of a core'),
    },
  ]
  say('ends the local jobs')
  await run(bench, [...bench.chap, 'rm', '--force', ...allJobs(bench)])
  rows.push(...(await measureFar(bench, here, there, count)))
  await untilEmpty(here)
  await here.close()
  const curve: Curve = { work: 'memory of idle local chaperones, Pss, by jobs', x: 'jobs', unit: 'MiB', points }
  return { rows, curves: [curve] }
}

/** The same jobs over ssh, as a group; then what `nohup cmd &` leaves there. */
const measureFar = async (bench: Bench, here: Account, there: Account, count: number): Promise<Row[]> => {
  const { spool, sshd, say } = bench
  const { config, set } = makeHosts(bench, count)
  await run(bench, [...bench.chap, 'start', '-F', config, '--host', set, '--', ...COMMAND], { account: here })
  say(`${count} jobs over ssh`)
  const [cpu = Number.NaN, remote = Number.NaN] = await watchCpu(bench, [here, there])
  const chaperones = allJobs(bench).map((id) => chaperoneOf(jobPaths(spool.dir, id)))
  const ssh = here.pids().filter((pid) => !chaperones.includes(pid))
  const left = remoteOf(there)
  const own = chaperones.map(mibOf)
  const sshMib = sum(ssh.map(mibOf)) / count
  await run(bench, [...bench.chap, 'rm', '--force', ...allJobs(bench)])
  say('nohup on the same host')
  const line = `for n in $(seq ${count}); do nohup ${COMMAND.join(' ')} >${spool.root}/out.$n 2>&1 </dev/null & done`
  await run(bench, ['ssh', '-F', sshd.sshConfig, sshd.host, line])
  const [nohupCpu = Number.NaN] = await watchCpu(bench, [there])
  const bare = remoteOf(there)
  const each = (row: Omit<Row, 'rivals' | 'chap' | 'verdict'>, ours: number, theirs: number): Row => ({
    ...row,
    chap: [ours],
    rivals: { 'nohup cmd &': [theirs] },
    verdict: null,
  })
  return [
    {
      work: `memory of an idle chaperone, Pss, one of ${count} over ssh`,
      unit: 'MiB',
      chap: own,
      rivals: {},
      verdict: atMost(mean(own), 9e6 / 2 ** 20, 'MiB', "in the mean; ssh's own apart"),
      note: `ssh's own: ${sshMib.toFixed(1)} MiB in ${(ssh.length / count).toFixed(1)} processes`,
    },
    {
      work: `CPU of ${count} idle ssh jobs, this side, ssh included`,
      unit: '%',
      chap: [cpu],
      rivals: {},
      verdict: atMost(cpu, 1, '%', 'of a core'),
    },
    {
      work: `CPU of ${count} idle ssh jobs, the other side, sshd included`,
      unit: '%',
      chap: [remote],
      rivals: { 'nohup cmd &': [nohupCpu] },
      verdict: atMost(remote, 1, '%', 'of a core'),
    },
    {
      work: 'a silent job on its host: CPU of one, sshd included',
      unit: '%',
      chap: [remote / count],
      rivals: { 'nohup cmd &': [nohupCpu / count] },
      verdict: atMost(remote / count, 0.1, '%', 'of a core'),
    },
    each({ work: '  processes, sshd apart', unit: '' }, left.processes / count, bare.processes / count),
    each({ work: '  memory, Pss, sshd apart', unit: 'MiB' }, left.mib / count, bare.mib / count),
    each({ work: "  sshd's memory, Pss", unit: 'MiB' }, left.sshdMib / count, bare.sshdMib / count),
  ]
}

/** What is there now, the server and its sessions apart. */
const remoteOf = (there: Account): { readonly processes: number; readonly mib: number; readonly sshdMib: number } => {
  const inside = new Set(there.pids())
  const all = listProcesses().filter(({ pid, state }) => inside.has(pid) && state !== 'Z')
  const [servers, others] = [all.filter(isServer), all.filter((found) => !isServer(found))]
  const mib = (found: typeof all): number => sum(found.map(({ pid }) => mibOf(pid)))
  return { processes: others.length, mib: mib(others), sshdMib: mib(servers) }
}

const isServer = ({ name }: { readonly name: string }): boolean => name.startsWith('sshd')

const keepersOf = (keepers: readonly KeeperMemory[]): Record<string, readonly number[]> =>
  Object.fromEntries(keepers.map(({ name, mib }) => [name, [mib]]))

const mibOf = (pid: number): number => memoryOf(pid, 'Pss') / 1024

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const mean = (values: readonly number[]): number => sum(values) / values.length

export const idle: Work = { name: 'idle', limit: 420, measure }
