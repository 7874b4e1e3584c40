/** What the probe says of a machine is judged: what fails, what is a warning, and what is to be done. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { findFileSystem } from '../../../src/cli/doctor/file-systems.ts'
import { judgeClock, judgeFacts, judgeFree } from '../../../src/cli/doctor/judge.ts'
import { NEEDED, probeScript, USEFUL } from '../../../src/cli/doctor/probe-script.ts'
import type { Step } from '../../../src/cli/doctor/step.ts'
import { hintOf } from '../../../src/cli/doctor/words.ts'

const HAVE = [...NEEDED, ...USEFUL, 'setsid'].join(' ')
const GOOD = {
  have: HAVE,
  proc: '',
  root: '/home/me/.local/state/chap-remote ',
  writable: '',
  space: '/dev/sda1 1000000 1 524288 50% /home of me',
  logind: 'b false',
}

const judge = (change: Readonly<Record<string, string | undefined>>, name: string): Step | undefined => {
  const facts = Object.entries({ ...GOOD, ...change }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return judgeFacts(new Map(facts)).find((step) => step.name === name)
}

const without = (...programs: readonly string[]): { have: string } => ({
  have: HAVE.split(' ')
    .filter((program) => !programs.includes(program))
    .join(' '),
})

test('a good machine', () => {
  expect(
    judgeFacts(new Map(Object.entries(GOOD))).map(({ name, status, evidence }) => [name, status, evidence]),
  ).toEqual([
    ['programs', 'ok', 'all that is needed, setsid; /proc'],
    ['directory', 'ok', '/home/me/.local/state/chap-remote'],
    ['space', 'ok', '512M free at /home of me'],
    ['logout', 'ok', 'KillUserProcesses=no'],
  ])
})

test.each([
  ['programs', without('mkfifo', 'dd'), 'fail', 'there is no mkfifo, dd'],
  ['programs', without('setsid'), 'warn', 'none of setsid, perl, python3'],
  ['programs', { have: `${without('setsid').have} python3`, proc: undefined }, 'ok', 'python3; no /proc'],
  ['programs', without('cksum', 'od'), 'ok', 'missing: od, cksum'],
  ['directory', { writable: undefined, refused: 'mkdir: Permission denied ' }, 'fail', 'mkdir: Permission denied'],
  ['space', { space: '/dev/sda1 1000000 1 0 100% /' }, 'fail', '0 free at /'],
  ['space', { space: '/dev/sda1 1000000 1 1024 99% /' }, 'warn', '1.0M free at /'],
  ['space', { space: 'df: not there' }, 'skip', 'df does not say'],
  ['logout', { logind: undefined }, 'ok', 'no logind'],
  ['logout', { logind: 'b true', linger: '' }, 'warn', 'lingering is off'],
  ['logout', { logind: 'b true', linger: 'yes' }, 'ok', 'lingering is on'],
  ['logout', { logind: '', 'logind.conf': 'KillUserProcesses=yes' }, 'warn', 'lingering is off'],
  ['logout', { logind: '', 'logind.conf': 'KillUserProcesses=no' }, 'ok', 'KillUserProcesses=no'],
] as const)('%s of %j: %s', (name, change, status, evidence) => {
  const step = judge(change, name)
  expect(step).toMatchObject({ status, evidence: expect.stringContaining(evidence) })
  const isWrong = status === 'warn' || status === 'fail'
  expect(step?.complaint === null ? null : step && hintOf(step.complaint, 'gpu1')).toEqual(
    isWrong ? expect.stringMatching(/\w/) : null,
  )
})

test.each([
  [0, 'ok', 'as here'],
  [-4.9, 'ok', 'as here'],
  [61, 'warn', '61 s ahead'],
  [-3_600, 'warn', '3600 s behind'],
] as const)('a clock that is %d s ahead', (seconds, status, evidence) => {
  expect(judgeClock(seconds)).toMatchObject({ status, evidence: expect.stringContaining(evidence) })
})

test('disks that are nearly full', () => {
  expect(judgeFree(0, '/').status).toBe('fail')
  expect(judgeFree(100, '/').status).toBe('warn')
  expect(judgeFree(1e9, '/').status).toBe('ok')
})

test('file systems are told apart, also where the number has come out negative', () => {
  expect(findFileSystem(0x6969)).toMatchObject({ kind: 'network' })
  expect(findFileSystem(0xff534d42 | 0)).toEqual({ name: 'cifs', kind: 'network' })
  expect(findFileSystem(0x01021994)).toMatchObject({ kind: 'volatile' })
  expect(findFileSystem(1)).toEqual({ name: 'type 0x1', kind: 'disk' })
})

test('a probe that was cut does nothing', () => {
  const script = probeScript('MARK', null)
  for (const size of [10, script.length >> 1, script.length - 1])
    expect(() => execFileSync('sh', ['-c', `${script.slice(0, size)}`], { stdio: 'pipe' })).toThrow(/[Ss]yntax error/)
})
