/** `chap ls` and `chap start` are programs of one file each, which are loaded faster; and they say what the command line's own say. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobPaths } from '../../src/spool/layout.ts'
import { chap, program } from '../rig/chap.ts'
import { openChap } from '../rig/chap-terminal.ts'
import { idOf, makeLiveJobs, makeOldJobs } from '../rig/live-jobs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const inDist = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url))

let spool: Spool
beforeAll(async () => {
  spool = await makeSpool()
  makeOldJobs(spool.dir, 3, 60_000)
})
afterAll(() => cleanUp(spool))

test.each(['ls.cjs', 'start.cjs'])('%s loads no other file of dist', (bundle) => {
  const text = readFileSync(inDist(bundle), 'utf8')
  const imports = Array.from(text.matchAll(/\brequire\(["']([^"']+)["']\)/g), ([, name]) => name ?? '')
  expect(imports).toContain('node:fs')
  expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([])
})

// Of code that V8 kept (bin/load-compiled.js), node 20 does not know where it is to look.
test.each(['ls.cjs', 'start.cjs', 'serve.cjs'])('%s has no import()', (bundle) => {
  expect(readFileSync(inDist(bundle), 'utf8')).not.toMatch(/\bimport\(/)
})

test.each([
  [['ls', '-a']],
  [['ls', '-aq', '--filter', 'state=ended']],
  [['ls', '--json', '-a']],
  [['ls', '--help']],
  [['ls', '--no-such']],
  [['ls', '--disk', '--sort=id']],
  [['ls', '-a', '--format', 'id,state,command', '--color', 'always']],
  [['ls', '-q', '--json']],
  [['ls', '-a', '--filter', 'state=none']],
  [['start', '--help']],
  [['start', '--no-such', '--', 'true']],
  [['start', '--dry-run', '--json', '--id', 'chosen', '-c', 'echo']],
  [['start', '--spec', '/dev/null']],
])('%j says the same by both doors', async (args) => {
  const run = (path: string) =>
    execa(process.execPath, [path, ...args], { env: spool.env, extendEnv: false, reject: false })
  const [ls, whole] = await Promise.all([program, inDist('chap.js')].map(run))
  expect(ls?.stdout || ls?.stderr).not.toBe('')
  const ageless = (text = ''): string => text.replaceAll(/\b\d+[sm]\b/g, 'AGE').replace(/\S+ free/, 'FREE')
  expect([ls?.exitCode, ageless(ls?.stdout), ageless(ls?.stderr)]).toEqual([
    whole?.exitCode,
    ageless(whole?.stdout),
    ageless(whole?.stderr),
  ])
})

testWith('tmux')('on a terminal it paints, letters of two columns too', async () => {
  const shown = await makeSpool()
  makeLiveJobs(shown.dir, 1).close()
  const { spec } = jobPaths(shown.dir, idOf(0))
  writeFileSync(spec, readFileSync(spec, 'utf8').replace('"name":null', '"name":"日本語"'))
  const terminal = openChap(shown, 'ls', { columns: 80, rows: 24 }, 'ls')
  try {
    await until(() => /^ID +NAME .*\n^aaaa +日本語 .*$/m.test(terminal.screen()), {
      deadline: 10_000,
      what: 'the table',
    })
  } finally {
    terminal.close()
    await cleanUp(shown)
  }
})

test('a job that takes the id of one long over is shown at once, whatever was noted of the other', async () => {
  const own = await makeSpool()
  const list = async (): Promise<string> => (await chap(['ls', '-q'], { spool: own })).stdout
  const isNoted = async (): Promise<boolean> => (await list()) === '' && existsSync(`${own.dir}/recent.json`)
  try {
    const [id = ''] = makeOldJobs(own.dir, 250, 3 * 86_400_000)
    await until(isNoted, { deadline: 20_000, every: 100, what: 'a note' })
    expect(await list()).toBe('')
    expect((await chap(['rm', id], { spool: own })).exitCode).toBe(0)
    const started = await chap(['start', '--id', id, '--', 'sleep', '60'], { spool: own })
    expect(started, started.stderr).toMatchObject({ exitCode: 0 })
    expect(await list()).toBe(`${id}\n`)
    const { mtimeMs } = statSync(`${own.dir}/recent.json`)
    await until(async () => (await list()) && statSync(`${own.dir}/recent.json`).mtimeMs > mtimeMs, {
      deadline: 20_000,
      every: 100,
      what: 'a new note',
    })
    expect(await list()).toBe(`${id}\n`)
    expect((await chap(['kill', id], { spool: own })).exitCode).toBe(0)
  } finally {
    await cleanUp(own)
  }
})
