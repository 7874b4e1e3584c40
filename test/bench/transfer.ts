// A gigabyte from there to here: a job's output in the spool, against ssh into a file.

import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, openSync, rmSync, statSync } from 'node:fs'
import { readOwner } from '../../src/spool/chaperones.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { readState } from '../../src/spool/state.ts'
import { until } from '../rig/until.ts'
import { type Bench, cpuSeconds, median, type Row, time } from './row.ts'

const BYTES = 1_000_000_000
const ROUNDS = 3

export const measureTransfer = async (bench: Bench): Promise<Row[]> => {
  const source = `${bench.spool.root}/source`
  const file = createWriteStream(source)
  const block = randomBytes(1_000_000)
  for (let i = 0; i < BYTES / block.length; i += 1) if (!file.write(block)) await once(file, 'drain')
  file.end()
  await once(file, 'close')
  const rows: Row[] = []
  for (const policy of ['keep', 'kill'] as const) {
    const taken = { chap: [] as number[], plain: [] as number[], cpu: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      taken.plain.push(transferPlain(bench, source))
      const { ms, cpu } = await transferByJob(bench, source, policy)
      taken.chap.push(ms)
      taken.cpu.push(cpu)
    }
    const [chap, plain] = [median(taken.chap), median(taken.plain)]
    rows.push({
      work: `1 GB over ssh into the spool, --on-disconnect ${policy}`,
      chap: `${(chap / 1000).toFixed(2)} s`,
      rival: `ssh host cat > file: ${(plain / 1000).toFixed(2)} s`,
      ratio: (plain / chap).toFixed(2),
      goal: '>= 0.95 of its speed',
    })
    rows.push({
      work: "  the chaperone's own CPU meanwhile",
      chap: `${(median(taken.cpu) * 1000).toFixed(0)} ms`,
      rival: "of the transfer's time",
      ratio: `${((100_000 * median(taken.cpu)) / chap).toFixed(2)} %`,
      goal: '< 1 %',
    })
  }
  return rows
}

const transferPlain = ({ sshd, spool }: Bench, source: string): number => {
  const target = `${spool.root}/target`
  const start = performance.now()
  const { status } = spawnSync('ssh', ['-F', sshd.sshConfig, sshd.host, `cat ${source}`], {
    stdio: ['ignore', openSync(target, 'w'), 'inherit'],
  })
  const ms = performance.now() - start
  if (status !== 0 || statSync(target).size !== BYTES) throw new Error('the plain transfer failed')
  rmSync(target)
  return ms
}

const transferByJob = async (
  { root, sshd, spool }: Bench,
  source: string,
  policy: 'keep' | 'kill',
): Promise<{ ms: number; cpu: number }> => {
  const chap = [process.execPath, `${root}/bin/chap.js`]
  const ssh = ['-F', sshd.sshConfig, '--on-disconnect', policy, sshd.host]
  const start = performance.now()
  const id = time([...chap, 'start', ...ssh, '--', 'cat', source], spool.env).stdout.trim()
  const paths = jobPaths(spool.dir, id)
  const pid = readOwner(paths)?.identity.pid ?? 0
  const began = cpuSeconds(pid)
  let cpu = 0
  await until(
    () => {
      const state = readState(paths.state)
      if (statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined) cpu = cpuSeconds(pid) - began
      return state.ok && state.value.job.phase === 'ended'
    },
    { deadline: 120_000, every: 10 },
  )
  const ms = performance.now() - start
  if (statSync(paths.stdout).size !== BYTES) throw new Error('the job did not bring all of it')
  const waiter = spawn(process.execPath, [`${root}/bin/chap.js`, 'rm', id], { env: spool.env, stdio: 'inherit' })
  await once(waiter, 'close')
  return { ms, cpu }
}
