// What a command has of its machine's environment, in every shell that may be sh there.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Spec } from '../../../src/domain/spec.ts'
import { commandText } from '../../../src/transport/command-text.ts'
import { findProgram } from '../../rig/programs.ts'
import { makeSpec } from '../../rig/records.ts'
import { testWith } from '../../rig/requires.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-t-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

/** What some shells set by themselves. */
const OWN = /^(PWD|OLDPWD|SHLVL|_|LOGNAME)$/

const GIVEN = {
  ...{
    PATH: process.env['PATH'] ?? '',
    HOME: '/h',
    EMPTY: '',
    QUOTE: `it's "\\ $HOME\n`,
    LINE: 'a\nHOME=/x',
    UID: '7',
    PPID: '3',
  },
  ...{ 'BASH_FUNC_f%%': '() {  echo f\n}', 'a.b': '1', "a'b": '2' },
}

/** What the command finds, run by this shell as sh. */
const run = (shell: string, spec: Partial<Spec>): Record<string, string> => {
  const script = join(dir, 'command')
  writeFileSync(script, commandText(makeSpec({ program: { argv: ['cat', '/proc/self/environ'] }, ...spec })))
  const bin = join(dir, shell)
  if (spawnSync('test', ['-e', bin]).status !== 0) {
    spawnSync('mkdir', [bin])
    symlinkSync(findProgram(shell) ?? shell, join(bin, 'sh'))
  }
  // As the launcher has it: read by a function that has arguments of its own.
  const argv = ['-c', `f() { . '${script}'; }; f 1 2`]
  const { stdout, stderr, status } = spawnSync(join(bin, 'sh'), argv, { encoding: 'utf8', env: GIVEN })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const entries = stdout.split('\0').filter(Boolean)
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}

const CHAP = { CHAP_JOB_ID: 'k3f9', CHAP_JOB_NAME: '', CHAP_RUN: '1', CHAP_MARK: 'k3f9-0123456789abcdef' }

const foundBeside = (found: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).filter(([name]) => !OWN.test(name)))

for (const shell of ['dash', 'bash', 'mksh', 'zsh', 'busybox'] as const) {
  const test = testWith('linux', shell)

  test(`${shell}: nothing but what is set, and what it sets itself`, () => {
    const found = foundBeside(run(shell, { inherit: false, env: { A: "it's\n", PATH: '/usr/bin:/bin' } }))
    expect(found).toEqual({ ...CHAP, A: "it's\n", PATH: '/usr/bin:/bin' })
    // A program is found by the PATH that there was, which it does not have.
    expect(foundBeside(run(shell, { inherit: [] }))).toEqual(CHAP)
  })

  test(`${shell}: only some names`, () => {
    const found = run(shell, {
      inherit: ['HOME', 'QUOTE', 'MISSING', 'EMPTY', 'UID'],
      unset: ['EMPTY'],
      env: { HOME: 'set' },
    })
    expect(foundBeside(found)).toEqual({ ...CHAP, HOME: 'set', QUOTE: GIVEN.QUOTE, UID: '7' })
  })

  test(`${shell}: all but some names`, () => {
    const found = run(shell, { unset: ['HOME', 'a.b', 'BASH_FUNC_f%%', 'MISSING'] })
    expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['HOME']))
    expect(Object.keys(found).filter((name) => name === 'a.b' || name.startsWith('BASH_FUNC'))).toEqual([])
    expect(found).toMatchObject({ ...CHAP, PATH: GIVEN.PATH, LINE: GIVEN.LINE, QUOTE: GIVEN.QUOTE, EMPTY: '' })
  })
}

testWith('linux', 'dash')('without awk it does not begin', () => {
  const script = join(dir, 'no-awk')
  writeFileSync(script, commandText(makeSpec({ inherit: false })))
  const dash = findProgram('dash') ?? 'dash'
  const { status, stderr } = spawnSync(dash, ['-c', `f() { . '${script}'; }; f`], {
    encoding: 'utf8',
    env: { PATH: dir },
  })
  expect({ status, stderr }).toEqual({ status: 126, stderr: expect.stringContaining('chap: no awk') })
})
