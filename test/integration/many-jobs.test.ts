/** Several jobs on one terminal: every line whole, none lost, in order, behind the right name; and one Ctrl-C for all. */

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const bin = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))
const start = async (script: string): Promise<string> => (await chap(['start', '-c', script], { spool })).stdout.trim()

/** Waits until the file `go` is there, and writes numbered lines in pieces that end anywhere. */
const chatty = (count: number): string =>
  `until [ -e ${spool.root}/go ]; do sleep 0.02; done; seq -f 'line %.0f of many words' ${count} | dd bs=777 status=none`

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at + 1} of many words`)

/** The lines behind each name. @throws when a line is torn */
const sortLines = (text: string): Map<string, string[]> => {
  const byName = new Map<string, string[]>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name = '', words = ''] = /^(.+?) +\| (.*)$/.exec(line.replace(/^(\S+) \| /, '$1  | ')) ?? []
    if (name === '') throw new Error(`a torn line: ${JSON.stringify(line)}`)
    const lines = byName.get(name)
    if (lines === undefined) byName.set(name, [words])
    else lines.push(words)
  }
  return byName
}

test('6 chatty jobs at once: no line is torn or lost, for one that is there from the start, comes late, or is slow', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => start(chatty(20_000))))
  const early = startChap(['attach', ...ids], { spool })
  const slow = spawn(process.execPath, [bin, 'attach', ...ids], { env: spool.env, stdio: ['ignore', 'pipe', 'ignore'] })
  await until(() => (slow.pid ?? 0) > 0, { deadline: 5_000 })
  await chap(['run', '-c', `touch ${spool.root}/go`], { spool })
  // Whoever reads nothing holds up nobody.
  await chap(['wait', ...ids], { spool })
  const late = await chap(['logs', ...ids], { spool })
  const chunks: Buffer[] = []
  for await (const chunk of slow.stdout) chunks.push(chunk as Buffer)
  const ended = await early.result
  expect(ended.exitCode).toBe(0)
  for (const text of [ended.stdout, late.stdout, Buffer.concat(chunks).toString()]) {
    const byName = sortLines(text)
    expect([...byName.keys()].toSorted()).toEqual(ids.toSorted())
    for (const lines of byName.values()) expect(lines).toEqual(numbered(20_000))
  }
})

test("a backlog of several jobs is merged in the order in which it came, and a last line that has no end is the job's own", async () => {
  // Each step waits until the one before it is in its job's timeline.
  const step = (before: string, write: string, size: number, after: string): string =>
    `until [ -e ${before} ]; do sleep 0.05; done; ${write}
    until grep -q "stdout ${size}$" "${spool.dir}/jobs/$CHAP_JOB_ID/timeline"; do sleep 0.05; done; echo >${after}`
  const script = (name: string, [first = '', second = '', third = '', fourth = '']: readonly string[]): string =>
    `cd ${spool.root}; ${step(first, `echo ${name}1`, 3, second)}; ${step(third, `echo ${name}2; printf ${name}3`, 8, fourth)}`
  const ids = await Promise.all([
    start(script('a', ['go', 'a1', 'b1', 'a2'])),
    start(script('b', ['a1', 'b1', 'a2', 'b2'])),
  ])
  writeFileSync(`${spool.root}/go`, '')
  await chap(['wait', ...ids], { spool })
  const [a, b] = ids
  const shown = `${a} | a1\n${b} | b1\n${a} | a2\n${a} | a3\n${b} | b2\n${b} | b3\n`
  expect((await chap(['logs', ...ids], { spool })).stdout).toBe(shown)
  expect((await chap(['attach', ...ids], { spool })).stdout).toBe(shown)
  expect((await chap(['logs', '--all'], { spool })).stdout).toBe(shown.replaceAll(' | ', ' here | '))
  expect((await chap(['logs', '--strict-lines', ...ids], { spool })).stdout).toBe(
    `${a} | a1\n${b} | b1\n${a} | a2\n${b} | b2\n`,
  )
})

test('the largest status; stderr to stderr; Ctrl-C detaches from all with one message', async () => {
  const ids = await Promise.all([start('echo out; exit 3'), start('echo err >&2; exit 7')])
  const ended = await chap(['attach', ...ids], { spool })
  const summary = `chap: 2 failed (exit 3: ${ids[0]}; exit 7: ${ids[1]})\n`
  expect(ended).toMatchObject({ stdout: `${ids[0]} | out\n`, stderr: `${ids[1]} | err\n${summary}`, exitCode: 7 })
  const going = await Promise.all([start('echo up; sleep 1000'), start('echo up; sleep 1000')])
  const attached = startChap(['attach', ...going], { spool })
  await until(
    () => attached.said() === going.map((id) => `${id} | up\n`).join('') || attached.said().split('up').length > 2,
    {
      deadline: 20_000,
      what: 'both lines',
    },
  )
  attached.kill('SIGINT')
  expect(await attached.result).toMatchObject({
    exitCode: 130,
    stderr: expect.stringMatching(/^chap: detached; 2 jobs go on; chap attach [a-z0-9]+ [a-z0-9]+\n$/),
  })
})

test('logs --all -f shows jobs that come later, too; colours only where they are wanted', async () => {
  const first = await start('echo one')
  const all = startChap(['logs', '--all', '-f', '--color', 'always'], { spool })
  await until(() => all.said().includes('one'), { deadline: 20_000 })
  const second = await start('echo two; echo oops >&2')
  await until(() => all.said().includes('two') && all.said('stderr').includes('oops'), { deadline: 20_000 })
  all.kill('SIGINT')
  const { stdout, exitCode } = await all.result
  expect(exitCode).toBe(130)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
  expect(stdout).toMatch(/^\u001b\[38;5;\d+m/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  expect(stdout.replace(/\u001b\[[0-9;]*m/g, '')).toBe(`${first} here | one\n${second} here | two\n`)
  const plain = await chap(['logs', '--all'], { spool, env: { CLICOLOR_FORCE: '1', NO_COLOR: '1' } })
  expect(plain.stdout).toBe(`${first} here | one\n${second} here | two\n`)
  const forced = await chap(['logs', '--all'], { spool, env: { CLICOLOR_FORCE: '1' } })
  expect(forced.stdout).toBe(stdout)
})

test('what is no UTF-8 is shown as it is, and for programs in base64, too', async () => {
  const id = await start("printf 'a\\377b\\r\\nend'")
  await chap(['wait', id], { spool })
  const { stdoutBytes } = await chap(['logs', '-t', id], { spool })
  expect(stdoutBytes.includes(Buffer.from('a\xffb\n', 'latin1'))).toBe(true)
  const { stdout } = await chap(['logs', '--json', id], { spool })
  const [first, last] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(first).toEqual({
    id,
    host: null,
    stream: 'stdout',
    time: expect.any(String),
    line: 'a\ufffdb',
    base64: 'Yf9i',
  })
  expect(last).toEqual({ id, host: null, stream: 'stdout', time: expect.any(String), line: 'end', unended: true })
})

test('--fold: those that said the same are shown once, in every way', async () => {
  const script = 'echo same; echo err >&2; printf end'
  const ids = [await start(script), await start(script), await start('echo other; exit 3'), await start(script)]
  const [a, b, c, d] = ids
  const attached = await chap(['attach', '--fold', ...ids], { spool })
  const set = (await chap(['logs', '--fold', ...ids], { spool })).stdout
  expect(attached.stdout).toBe(set)
  expect(attached.exitCode).toBe(3)
  expect(attached.stderr).toBe(`err\nchap: 3 ok, 1 failed (exit 3: ${c})\n`)
  const lines = set.split('\n')
  expect(lines.slice(1, 3)).toEqual(['same', 'end'])
  expect(lines[0]).toMatch(/ \(3\)$/)
  for (const id of [a, b, d]) expect(lines[0]).toContain(id)
  expect(lines.slice(3)).toEqual([expect.stringMatching(/^.*\(1\): exit 3$/), 'other', ''])
  expect(lines[3]).toContain(c)
})
