/** One argv for each mode, and the words in it arrive: sh stands for ssh and sudo. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BuildOptions, buildCommand, buildProgram } from '../../../src/index.ts'
import { hostileWords } from '../../rig/hostile.ts'

/** Programs of these names that say on stderr whom they were asked for, and run the rest as the real ones do. */
const stubs = {
  ssh: 'until [ "$1" = -- ]; do shift; done; echo "ssh $2" >&2; shift 2; exec sh -c "$*"',
  sudo: 'while [ "$1" != -- ]; do [ "$1" != -u ] || echo "sudo $2" >&2; shift; done; shift; exec "$@"',
  ush: 'echo "ush $1" >&2; shift; exec sh -c "$*"',
} as const

let bin: string
beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'chap-t-'))
  for (const [name, script] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
})
afterAll(() => rmSync(bin, { recursive: true }))

const run = ([program, ...args]: readonly [string, ...string[]]): { stdout: string; passed: string[] } => {
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: '/' }
  const { stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  return { stdout, passed: stderr.split('\n').filter(Boolean) }
}

const cases: readonly (readonly [options: BuildOptions, passed: readonly string[]])[] = [
  [{}, []],
  [{ mode: 'local' }, []],
  [{ user: 'www' }, ['sudo www']],
  [{ mode: 'local-sudo', user: 'www' }, ['sudo www']],
  [{ host: 'gpu1' }, ['ssh gpu1']],
  [{ host: 'gpu1', mode: 'direct' }, ['ssh gpu1']],
  [{ host: 'gpu1', user: 'www' }, ['ssh www@gpu1']],
  [{ host: 'ssh://gpu1:2222', user: 'www', mode: 'ssh-as' }, ['ssh ssh://www@gpu1:2222']],
  [{ host: 'a@gpu1', user: 'www', mode: 'sudo-then-ssh' }, ['sudo www', 'ssh a@gpu1']],
  [{ host: 'a@gpu1', user: 'www', mode: 'ssh-then-sudo' }, ['ssh a@gpu1', 'sudo www']],
  [{ host: 'gpu1', relays: ['r1', 'r2'] }, ['ssh r1', 'ssh r2', 'ssh gpu1']],
  [{ host: 'gpu1', relays: ['r1'], relayProgram: ['ush'] }, ['ssh r1', 'ush gpu1']],
  [{ host: 'gpu1', via: [{ argv: ['ush', '{host}'], words: 'line' }] }, ['ush gpu1']],
  [{ via: [{ argv: ['sudo', '-u', 'x', '--'], words: 'argv' }] }, ['sudo x']],
]

describe.each(cases)('%j', (options, passed) => {
  test('brings a program its words, and sh its line', () => {
    const script = `printf '%s\\0' "$@"`
    const program = run(buildProgram(['sh', '-c', script, 'sh', ...hostileWords], options))
    expect(program).toEqual({ stdout: hostileWords.map((word) => `${word}\0`).join(''), passed })
    expect(run(buildCommand(`echo "it's $((1 + 1))" | cat`, options))).toEqual({ stdout: "it's 2\n", passed })
  })
})

test('what is said of the connection stands in one place each', () => {
  const argv = buildCommand('uptime', { host: 'gpu1', port: 22, identity: '/k', jump: 'j', sshOptions: ['-4'] })
  expect(argv[0]).toBe('ssh')
  expect(argv.join(' ')).toContain('-4 -p 22 -i /k -J j -o ServerAliveInterval=15')
  expect(argv.slice(-3)).toEqual(['--', 'gpu1', `sh -c 'uptime'`])
})

test.each<BuildOptions>([
  { mode: 'direct' },
  { mode: 'local', host: 'gpu1' },
  { mode: 'ssh-as', host: 'gpu1' },
  { mode: 'ssh-as', host: 'a@gpu1', user: 'www' },
  { mode: 'direct', host: 'gpu1', user: 'www' },
  { mode: 'ssh-then-sudo', host: 'gpu1' },
  { host: '-oProxyCommand=x' },
  { host: 'gpu1', relays: ['-x'] },
  { user: '-x' },
  { port: 22 },
  { via: [{ argv: ['ush', '{host}'], words: 'line' }] },
  { host: 'gpu1', port: 22, via: [{ argv: ['ush', '{host}'], words: 'line' }] },
])('%j contradicts itself', (options) => {
  expect(() => buildCommand('x', options)).toThrow(TypeError)
})
