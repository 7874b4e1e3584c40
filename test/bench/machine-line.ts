// On what, and with what, the figures were taken.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

export interface MachineLine {
  readonly cpu: string
  readonly cores: number
  readonly memory_gib: number
  readonly kernel: string
  readonly node: string
  readonly ssh: string
  readonly chap: string
  /** Over one, five and fifteen minutes, before anything was measured. */
  readonly load: readonly number[]
}

export const readMachine = (root: string): MachineLine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gib: Math.round(totalmem() / 1024 ** 3),
  kernel: `${type()} ${release()}`,
  node: process.version,
  ssh: spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr.trim(),
  chap: `${JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).version} ${readCommit(root)}`.trim(),
  load: loadavg().map((value) => Number(value.toFixed(2))),
})

/** '': not from git. `+`: with changes that are in no commit. */
const readCommit = (root: string): string => {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'bin') === '' ? '' : '+'}`
  } catch {
    return ''
  }
}

export const wordsOfMachine = ({ cpu, cores, memory_gib, kernel, node, ssh, chap, load }: MachineLine): string =>
  `chap ${chap} on ${cores} x ${cpu}, ${memory_gib} GiB, ${kernel}, node ${node}, ${ssh}, load ${load.join(' ')}`
