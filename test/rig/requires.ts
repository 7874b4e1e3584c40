// Say what a test needs of the machine. Where it is missing the test is skipped with the reason; in CI it fails.
import { spawnSync } from 'node:child_process'
import { test } from 'vitest'
import { haveOtherNodes } from './nodes.ts'
import { findProgram } from './programs.ts'

type Program =
  | 'busybox'
  | 'dash'
  | 'bash'
  | 'mksh'
  | 'fish'
  | 'tcsh'
  | 'zsh'
  | 'sshd'
  | 'ssh'
  | 'sudo'
  | 'strace'
  | 'tmux'
  | 'script'
  | 'mandoc'
  | 'crontab'
  | 'ip'
  | 'unshare'
  | 'perl'
  | 'openssl'
  | 'fallocate'

/** `ptrace`: strace may trace. `namespaces`: unshare may make mount and pid namespaces. `nodes`: those of nodes.ts are here. */
export type Need = 'linux' | 'root' | 'ptrace' | 'namespaces' | 'nodes' | Program

export type TestWithNeeds = (title: string, body: () => Promise<void> | void, timeout?: number) => void

/** The reason why a test with these needs cannot run here; undefined when it can. */
export function requires(...needs: readonly Need[]): string | undefined {
  const missing = needs.filter((need) => !isMet(need))
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`
}

/** vitest's `test`, for tests that need these. */
export function testWith(...needs: readonly Need[]): TestWithNeeds {
  const reason = requires(...needs)
  if (reason === undefined) return (title, body, timeout) => test(title, body, timeout)
  if (process.env['CI'] === 'true') return (title) => test(title, () => Promise.reject(new Error(reason)))
  return (title, body) => test.skip(`${title} [${reason}]`, body)
}

function isMet(need: Need): boolean {
  switch (need) {
    case 'linux':
      return process.platform === 'linux'
    case 'root':
      return process.getuid?.() === 0
    case 'ptrace':
      return succeeds('strace', ['-qq', '-o', '/dev/null', 'true'])
    case 'namespaces':
      return succeeds('unshare', ['--mount', '--pid', '--fork', 'true'])
    case 'nodes':
      return haveOtherNodes()
    default:
      return findProgram(need) !== undefined
  }
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(findProgram(program) ?? program, args, { stdio: 'ignore' }).status === 0
}
