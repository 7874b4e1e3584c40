/** Where the runs of a series begin is said between the bytes of both streams, and never in them. */

import { spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap } from '../rig/chap.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

let spool: Spool
let id: string

beforeEach(async () => {
  spool = await makeSpool()
  id = (
    await chap(['start', '-c', 'echo 1; echo one >&2; printf 2; echo; echo two >&2; printf 4'], { spool })
  ).stdout.trim()
  await chap(['wait', id], { spool })
  const at = Date.parse('2026-01-01T12:00:00') / 1000
  writeFileSync(
    `${spool.dir}/jobs/${id}/runs`,
    `begun 1 ${at} ${at} 0 0\nended 1 ${at} 0 exit 0 2 4\nbegun 2 ${at + 10}.000 ${at + 10}.020 2 4\nended 2 ${at + 11} 0 exit 0 4 8\nmissed 3 3 overrun\nbegun 4 ${at + 30} ${at + 30} 4 8\n`,
  )
})
afterEach(() => cleanUp(spool))

const bin = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))

test('banners are where the runs begin, on stderr; a pipe has none unless they are asked for', async () => {
  expect(await chap(['logs', id], { spool })).toMatchObject({ stdout: '1\n2\n4', stderr: 'one\ntwo\n' })
  const two = '── run 2 · 12:00:10 ──'
  for (const command of ['logs', 'attach']) {
    const { stdout, stderr } = await chap([command, '--banners', id], { spool })
    expect(stdout).toBe('1\n2\n4')
    expect(stderr).toBe(
      `── run 1 · 12:00:00 ──\none\n${two}\ntwo\n── run 3 was missed: overrun ──\n── run 4 · 12:00:30 ──\n`,
    )
    const child = spawn('sh', ['-c', `exec node '${bin}' ${command} --banners ${id} 2>&1`], { env: spool.env })
    let both = ''
    for await (const chunk of child.stdout) both += String(chunk)
    expect(both.slice(0, both.indexOf(two)).split('\n').toSorted()).toEqual(
      ['', '── run 1 · 12:00:00 ──', '1', 'one'].toSorted(),
    )
  }
})

test('one run alone, byte by byte; for programs each line has its run', async () => {
  expect(await chap(['logs', '--run', '2', id], { spool })).toMatchObject({
    stdout: '2\n',
    stderr: 'two\n',
    exitCode: 0,
  })
  expect((await chap(['logs', '--run', '4', id], { spool })).stdout).toBe('4')
  expect(await chap(['logs', '--run', '3', id], { spool })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`${id} has no run 3`),
  })
  appendFileSync(`${spool.dir}/jobs/${id}/runs`, 'something new\n')
  const { stdout } = await chap(['logs', '--json', '--stdout', id], { spool })
  const runs = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { run: number }).run)
  expect(runs).toEqual([1, 2, 4])
})

test('of several jobs, banners of a series stand among whole lines, behind its name; before what is there, and before what comes', async () => {
  const other = (
    await chap(['start', '-c', `until [ -e ${spool.root}/go ]; do sleep 0.05; done; echo end`], { spool })
  ).stdout.trim()
  const every = ['start', '--every', '0.5s', '--count', '3', '-c', 'printf "run $CHAP_RUN"; echo " of three"']
  const series = (await chap(every, { spool })).stdout.trim()
  const lines = (text: string): string[] => text.split('\n').filter((line) => line.startsWith(series))
  const wanted = [1, 2, 3].flatMap((run) => [`${series} | ── run ${run} · TIME ──`, `${series} | run ${run} of three`])
  const show = async (args: readonly string[]): Promise<string[]> => {
    const child = spawn('sh', ['-c', `exec node '${bin}' ${args.join(' ')} 2>&1`], { env: spool.env })
    let both = ''
    for await (const chunk of child.stdout) both += String(chunk)
    return lines(both.replace(/\d\d:\d\d:\d\d/g, 'TIME'))
  }
  const following = show(['attach', '--banners', series, other])
  await chap(['wait', series], { spool })
  writeFileSync(`${spool.root}/go`, '')
  expect(await following).toEqual(wanted)
  for (const command of ['attach', 'logs']) expect(await show([command, '--banners', series, other])).toEqual(wanted)
  // Neither in a pipe, nor in data.
  expect((await show(['logs', series, other])).length).toBe(3)
  expect((await chap(['logs', '--banners', series, other], { spool })).stdout).not.toContain('──')
})
