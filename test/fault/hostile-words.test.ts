// Row 27: names, hosts, labels, commands and directories that try to be something else. Exact in the job, harmless on a terminal, never a path.
import { mkdirSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

/** Clears the screen, rings, sets a title, ends the line, turns the text round. */
const EVIL = '../..\u001b[2J\u0007\u001b]0;title\u0007\nfake line\r\t\u202e\u009b31m'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/

test('a job with hostile words everywhere: exact where it runs, harmless where it is shown', async () => {
  const { sshd, spool } = scene
  const cwd = `${spool.root}/${EVIL.replaceAll('/', '-')}`
  mkdirSync(cwd)
  const print = `printf '%s\\0' "$PWD" "$@" "$CHAP_JOB_NAME" "$EVIL"; exit 42`
  const change = { name: EVIL, host: EVIL, labels: { evil: EVIL }, env: { EVIL }, cwd }
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', print, 'sh', EVIL, '-n', ''], change))
  await job.takeUp()
  await job.untilLeft()
  const stdout = Buffer.from([cwd, EVIL, '-n', '', EVIL, EVIL].map((word) => `${word}\0`).join(''))
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: { stdout, stderr: Buffer.alloc(0) } })
  for (const args of [['ls', '-a'], ['inspect'], ['recover'], ['kill'], ['wait']]) {
    const said = await chap([...args, ...(args.includes('-a') ? [] : [job.spec.id])], { spool })
    expect(`${said.stdout}${said.stderr}`, args.join(' ')).not.toMatch(CONTROLS)
  }
  // In a row of `ls` tabs part the columns: no word may hold one, nor a line end.
  expect((await chap(['ls', '-a'], { spool })).stdout.trimEnd().split('\n')).toHaveLength(1)
  const { stdout: json } = await chap(['inspect', '--json', job.spec.id], { spool })
  expect(JSON.parse(json)).toMatchObject({ name: EVIL, host: EVIL, labels: { evil: EVIL } })
  expect(readdirSync(`${spool.dir}/jobs`)).toEqual([job.spec.id])
})

test("attach's words on a link that is lost are harmless", async () => {
  const { sshd, spool } = scene
  sshd.proxy.refuse()
  const job = makeJob(spool, sshDraft(sshd, spool, ['true'], { host: EVIL, name: EVIL }))
  await job.takeUp()
  const attaching = startChap(['attach', job.spec.id], { spool })
  await until(() => attaching.said('stderr').includes('is pending'), { deadline: 20_000, what: 'the word' })
  await sshd.proxy.accept()
  job.knock()
  const { stdout, stderr } = await attaching.result
  expect(stdout).toBe('')
  expect(stderr).not.toMatch(CONTROLS)
  await job.untilLeft()
})

const refused: Readonly<Record<string, readonly string[]>> = {
  'a host that is an option of ssh': ['-oProxyCommand=touch', '--', 'true'],
  'a host with a space': ['a b', '--', 'true'],
  'a host with a line end': ['a\nb', '--', 'true'],
  'an empty host': ['', '--', 'true'],
  'a user that is an option': ['-x@host', '--', 'true'],
  'a name with a space': ['-n', 'a b', '--', 'true'],
  'a name with an escape sequence': ['-n', 'a\u001b[2J', '--', 'true'],
  'a label with a line end': ['-l', 'a=b\nc', '--', 'true'],
  'a name of the environment with an equals sign before it': ['-e', '=x', '--', 'true'],
  'an empty command': ['--', ''],
}
for (const [what, args] of Object.entries(refused))
  test(`${what} is refused`, async () => {
    const { spool } = scene
    const { exitCode, stdout, stderr } = await chap(['start', ...args], { spool })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).not.toMatch(CONTROLS)
    expect((await chap(['ls', '-a', '-q'], { spool })).stdout).toBe('')
  })

test('words that look like paths or ids find nothing', async () => {
  const { spool } = scene
  await chap(['start', '-n', '../../x', '--', 'true'], { spool })
  expect((await chap(['wait', '../../x'], { spool })).exitCode).toBe(0)
  for (const word of ['../jobs', '.', '..', '/etc', '', '%2e%2e', '-1', '\u001b[2J', 'a/b'])
    for (const command of ['attach', 'logs', 'kill', 'rm', 'inspect']) {
      const { exitCode, stderr } = await chap([command, '--', word], { spool })
      expect({ command, word, exitCode }).toEqual({ command, word, exitCode: 2 })
      expect(stderr).not.toMatch(CONTROLS)
    }
  expect(readdirSync(`${spool.dir}/jobs`)).toHaveLength(1)
})
