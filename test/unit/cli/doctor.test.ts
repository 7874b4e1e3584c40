/** What the probe says of a machine is judged: what fails, what is a warning, and what is to be done. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findFileSystem } from '../../../src/cli/doctor/file-systems.ts'
import { judgeClock, judgeFacts, judgeFree, judgeRoom } from '../../../src/cli/doctor/judge.ts'
import { countInotify } from '../../../src/cli/doctor/limits.ts'
import { NEEDED, probeScript, USEFUL } from '../../../src/cli/doctor/probe-script.ts'
import { showStep, sumUp } from '../../../src/cli/doctor/show.ts'
import type { Step } from '../../../src/cli/doctor/step.ts'
import { hintOf } from '../../../src/cli/doctor/words.ts'

const HAVE = [...NEEDED, ...USEFUL, 'setsid', 'perl'].join(' ')
const GOOD = {
  have: HAVE,
  proc: '',
  root: '/home/me/.local/state/chap-remote ',
  writable: '',
  space: '/dev/sda1 1000000 1 524288 50% /home of me',
  logind: 'b false as 1 "root" as 0 ',
  user: 'me',
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
    ['logout', 'ok', 'KillUserProcesses=no: nothing ends at a logout'],
  ])
})

test.each([
  ['programs', without('mkfifo', 'dd'), 'fail', 'there is no mkfifo, dd'],
  ['programs', without('setsid', 'perl'), 'warn', 'none of setsid, perl, python3'],
  ['programs', { have: `${without('setsid', 'perl').have} python3`, proc: undefined }, 'ok', 'python3; no /proc'],
  ['programs', without('perl'), 'ok', 'no perl: when its disk is full'],
  ['programs', { proc: undefined, blind: 'Error, do this ' }, 'fail', 'ps says: Error, do this'],
  ['programs', without('cksum', 'od'), 'ok', 'missing: od, cksum'],
  ['directory', { writable: undefined, refused: 'mkdir: Permission denied ' }, 'fail', 'mkdir: Permission denied'],
  ['space', { space: '/dev/sda1 1000000 1 0 100% /' }, 'fail', '0 free at /'],
  ['space', { space: '/dev/sda1 1000000 1 1024 99% /' }, 'warn', '1.0M free at /'],
  ['space', { space: 'df: not there' }, 'skip', 'df does not say'],
  ['logout', { logind: undefined }, 'ok', 'no logind'],
  ['space', { inodes: '/dev/sda1 1000 900 100 90% /home of me' }, 'warn', 'only for 100 files'],
  ['space', { inodes: '/dev/sda1 0 0 0 - /home of me' }, 'ok', '512M free'],
  ['logout', { logind: 'b true as 1 "root" as 0 ' }, 'warn', 'also for users that linger'],
  ['logout', { logind: 'b true as 2 "root" "me" as 0 ' }, 'ok', 'not for me'],
  ['logout', { logind: 'b true as 1 "root" as 1 "ada" ' }, 'ok', 'not for me'],
  ['logout', { logind: 'b true as 1 "root" as 1 "me" ' }, 'warn', 'KillUserProcesses=yes'],
  ['logout', { logind: 'b true as 1 "root" as 0 ', user: 'root' }, 'ok', 'not for root'],
  ['logout', { logind: '', 'logind.conf': 'KillUserProcesses=yes' }, 'warn', 'KillUserProcesses=yes'],
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

test('the disk of the spool: by its part, and by its files', () => {
  const room = { free: 2 ** 40, size: 2 ** 41, freeFiles: 0, files: 0 }
  expect(judgeRoom(room)).toMatchObject({ status: 'ok', evidence: '1.0T of 2.0T free' })
  expect(judgeRoom({ ...room, free: 2 ** 29 })).toMatchObject({ status: 'warn', complaint: { code: 'little_room' } })
  expect(judgeRoom({ ...room, free: 0 }).status).toBe('fail')
  expect(judgeRoom({ ...room, files: 10_000, freeFiles: 9 }).evidence).toBe('1.0T of 2.0T free, but only for 9 files')
})

// Not of the real /proc: other tests take and free instances at the same time.
test('what a user has of inotify is counted', () => {
  const proc = mkdtempSync(join(tmpdir(), 'chap-u-'))
  const open = (pid: string, fd: string, what: string, info: string): void => {
    for (const dir of ['fd', 'fdinfo']) mkdirSync(join(proc, pid, dir), { recursive: true })
    symlinkSync(what, join(proc, pid, 'fd', fd))
    writeFileSync(join(proc, pid, 'fdinfo', fd), info)
  }
  try {
    open('12', '5', 'anon_inode:inotify', 'pos:\t0\ninotify wd:1 ino:2\ninotify wd:2 ino:3\n')
    open('12', '6', 'anon_inode:inotify', 'pos:\t0\n')
    open('12', '7', '/dev/null', 'pos:\t0\n')
    open('self', '5', 'anon_inode:inotify', 'inotify wd:1 ino:2\n')
    mkdirSync(join(proc, '13'))
    const { uid } = statSync(proc)
    expect(countInotify(uid, proc)).toEqual({ instances: 2, watches: 2 })
    expect(countInotify(uid + 1, proc)).toEqual({ instances: 0, watches: 0 })
  } finally {
    rmSync(proc, { recursive: true })
  }
})

const said: Step = {
  name: 'space',
  status: 'warn',
  evidence: `1.0M free at /${'long/'.repeat(20)} and so on`,
  complaint: { code: 'no_autostart', text: '[Unit]\nA=b c\n', place: 'crontab' },
  ms: 4.2,
}
const hint = said.complaint && hintOf(said.complaint, 'gpu1')
const PIPE = { columns: null, hasColor: false, hasGlyphs: false }

test('a step is a line in a pipe, and folds on a terminal; what is to be copied does not', () => {
  expect(showStep(said, hint, PIPE).split('\n')).toEqual([
    `WARN  disk space    ${said.evidence} (4.2 ms)`,
    '                    hint: chap autostart enable, or by hand (crontab):',
    '    [Unit]',
    '    A=b c',
    '',
  ])
  for (const columns of [40, 80, 200]) {
    const lines = showStep({ ...said, evidence: 'a few words '.repeat(20) }, hint, {
      ...{ columns, hasColor: false, hasGlyphs: true },
    }).split('\n')
    expect(lines[0]).toMatch(/^! {2}disk space {4}a few words a few/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns)
    expect(lines.slice(-3)).toEqual(['    [Unit]', '    A=b c', ''])
  }
  expect(showStep(said, hint, { columns: 80, hasColor: true, hasGlyphs: true })).toContain('\u001b[38;5;136m!')
})

test('the end of it says what to think of it', () => {
  const steps = (...all: readonly Step['status'][]) => all.map((status) => ({ status }))
  expect(sumUp(steps('ok', 'skip'))).toBe('all is well')
  expect(sumUp(steps('ok', 'warn', 'fail', 'warn'))).toBe('1 of 4 steps failed, 2 warnings')
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
