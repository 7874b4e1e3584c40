// What an idle job costs here: private memory and CPU of its chaperone.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { readOwner } from '../../src/spool/chaperones.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { type Bench, cpuSeconds, median, type Row, time } from './row.ts'

const LOCAL_JOBS = 50
const SSH_JOBS = 5
const SECONDS = 20

export const measureIdle = async ({ root, sshd, spool }: Bench): Promise<Row[]> => {
  const { env } = spool
  const start = [process.execPath, `${root}/bin/chap.js`, 'start']
  const pids = (count: number, target: readonly string[]): number[] =>
    Array.from({ length: count }, () => {
      const id = time([...start, ...target, '--', 'sleep', '600'], env).stdout.trim()
      return readOwner(jobPaths(spool.dir, id))?.identity.pid ?? 0
    })
  const local = pids(LOCAL_JOBS, [])
  const overSsh = pids(SSH_JOBS, ['-F', sshd.sshConfig, sshd.host])
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { env, stdio: 'ignore' })
  await pause(15_000) // the pauses between looks have grown to their longest
  const before = local.map(cpuSeconds)
  await pause(SECONDS * 1000)
  const used = local.map(cpuSeconds).reduce((sum, seconds, index) => sum + seconds - (before[index] ?? 0), 0)
  const bareMib = privateMib(bare.pid ?? 0)
  bare.kill()
  const memory = (work: string, all: readonly number[]): Row => ({
    work,
    chap: `${median(all.map(privateMib)).toFixed(1)} MiB`,
    rival: `node: ${bareMib.toFixed(1)} MiB`,
    ratio: (median(all.map(privateMib)) / bareMib).toFixed(2),
    goal: '<= 10 MB',
  })
  return [
    memory(`private memory of an idle local chaperone, of ${LOCAL_JOBS}`, local),
    memory(`private memory of an idle ssh chaperone, of ${SSH_JOBS}`, overSsh),
    {
      work: `CPU of ${LOCAL_JOBS} idle chaperones together`,
      chap: `${((100 * used) / SECONDS).toFixed(2)} %`,
      rival: 'of one core',
      ratio: '-',
      goal: '< 1 %',
    },
  ]
}

const privateMib = (pid: number): number =>
  Array.from(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1').matchAll(/^Private_\w+:\s+(\d+) kB/gm)).reduce(
    (sum, [, kib]) => sum + Number(kib) / 1024,
    0,
  )
