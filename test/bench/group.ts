// One command on 40 names, all of them this machine's sshd: chap run beside clush and GNU parallel, which keep nothing.

import { spawn } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { type Bench, median, ms, type Row, time } from './row.ts'

const ROUNDS = 3
const HOSTS = 40
/** Milliseconds between looks at the memory. */
const LOOK_MS = 50

export const measureGroup = async ({ root, sshd, spool }: Bench): Promise<Row[]> => {
  const { env } = spool
  const names = Array.from({ length: HOSTS }, (_, n) => `host${String(n + 1).padStart(2, '0')}`)
  const own = readFileSync(sshd.sshConfig, 'utf8').replace(/^Host .*$/m, `Host ${names.join(' ')}`)
  const config = `${spool.root}/ssh_config`
  appendFileSync(config, own)
  const command = 'uname -n'
  const works = {
    chap: [process.execPath, `${root}/bin/chap.js`, 'run', '-F', config, '--host', 'host[01-40]', '-c', command],
    clush: ['clush', '-w', 'host[01-40]', '-o', `-F ${config}`, command],
    parallel: ['parallel', '-j', String(HOSTS), '--will-cite', 'ssh', '-F', config, '{}', command, ':::', ...names],
  }
  const taken = { chap: [] as number[], clush: [] as number[], parallel: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of ['clush', 'chap', 'parallel'] as const) {
      const { ms: took, stdout } = time(works[name], env)
      const lines = stdout.split('\n').filter(Boolean).length
      if (lines !== HOSTS) throw new Error(`${name} showed ${lines} lines of ${HOSTS}`)
      taken[name].push(took)
    }
  const [chap, clush, parallel] = [median(taken.chap), median(taken.clush), median(taken.parallel)]
  const memory = await measureMemory([...works.chap.slice(0, -1), 'sleep 5'], env, spool.dir)
  return [
    {
      work: `group of ${HOSTS} hosts, all output`,
      chap: ms(chap),
      rival: `clush ${ms(clush)}, parallel ${ms(parallel)}`,
      ratio: `${(chap / clush).toFixed(2)} ${(chap / parallel).toFixed(2)}`,
      goal: '<= 2',
    },
    {
      work: '  memory, chap and its ssh, most',
      chap: `${Math.round(memory / 1024)} MiB`,
      rival: '',
      ratio: '',
      goal: '',
    },
  ]
}

/** The most that all processes of the spool had at once, in KiB of Pss. */
const measureMemory = async (
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  dir: string,
): Promise<number> => {
  const child = spawn(program, args, { env, stdio: 'ignore' })
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, totalPss(dir))
  }, LOOK_MS)
  await new Promise((resolve) => child.once('exit', resolve))
  clearInterval(timer)
  return most
}

const totalPss = (dir: string): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + pssOf(pid, dir), 0)

const pssOf = (pid: string, dir: string): number => {
  try {
    if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`CHAP_SPOOL=${dir}\0`)) return 0
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0 // it has ended
  }
}
