// What chap is measured against: installed where that can be done, else named, and their rows are without them.
import { spawnSync } from 'node:child_process'
import { findProgram } from '../rig/programs.ts'

/** By program; the package where it is another word. */
const RIVALS = {
  nohup: 'coreutils',
  ssh: 'openssh-client',
  parallel: 'parallel',
  clush: 'clustershell',
  tmux: 'tmux',
  nq: 'nq',
  tsp: 'task-spooler',
  dtach: 'dtach',
  autossh: 'autossh',
  mosh: 'mosh',
  conmon: 'conmon',
} as const

export interface Rivals {
  /** `package version`, of those that Debian's tools know. */
  readonly versions: readonly string[]
  /** `program (package)`. */
  readonly missing: readonly string[]
}

/** Runs test/rig/install, which is silent and quick when all are there. */
export const installRivals = (root: string): Rivals => {
  spawnSync(`${root}/test/rig/install`, ['bench'], { stdio: ['ignore', 2, 2] })
  const missing = Object.entries(RIVALS)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([program, name]) => `${program} (${name})`)
  // Its status says that one of them is not installed, which `missing` says too.
  const { stdout } = spawnSync('dpkg-query', ['-W', ...Object.values(RIVALS)], { encoding: 'utf8' })
  return { versions: (stdout ?? '').trim().replaceAll('\t', ' ').split('\n').filter(Boolean), missing }
}
