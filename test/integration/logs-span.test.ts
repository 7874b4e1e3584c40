// chap logs by time and by pattern, of a job that wrote at known moments.
import { readFileSync } from 'node:fs'
import { send, start, wait } from 'chap-jobs'
import { afterAll, beforeAll, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { enterSpool, good } from '../rig/library.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux')
let spool: Spool
let id: string
let between: string

beforeAll(async () => {
  spool = await enterSpool()
  const job = good(await start({ program: ['cat'], stdin: 'open' }))
  ;({ id } = job)
  const marks = () => readFileSync(job.paths.timeline, 'utf8').split('\n').length - 1
  await send(job, 'first error\nfirst\n')
  await until(() => marks() >= 1, { deadline: 10_000, what: 'a mark' })
  const [time = ''] = readFileSync(job.paths.timeline, 'utf8').split(' ')
  between = new Date(Date.parse(time) + 1).toISOString()
  await until(() => Date.now() > Date.parse(between), { deadline: 10_000, what: 'later' })
  await send(job, 'second\nsecond Error\n', { eof: true })
  await wait([job])
})
afterAll(() => cleanUp(spool))

test('--since, --until, --grep, and what does not go together', async () => {
  const show = async (...args: string[]) => (await chap(['logs', ...args, id], { spool })).stdout
  expect(await show('--since', between)).toBe('second\nsecond Error\n')
  expect(await show('--until', between)).toBe('first error\nfirst\n')
  expect(await show('--since', '1h', '-n', '1')).toBe('second Error\n')
  expect(await show('--grep', '[eE]rror$')).toBe('first error\nsecond Error\n')
  expect(await show('--since', between, '-t', '--grep', 'Error')).toMatch(/^\d{4}-\S+Z second Error\n$/)
  expect(await show('-f', '--since', between)).toBe('second\nsecond Error\n')
  const all = await chap(['logs', '--all', '--until', between], { spool })
  expect(all.stdout).toMatch(/^\w+ here +\| first error\n\w+ here +\| first\n$/)
  const raw = await chap(['logs', '--all', '--raw', '--until', between], { spool })
  expect(raw.stdout).toBe('first error\nfirst\n')
  for (const args of [
    ['-f', '--until', between],
    ['--grep', '('],
    ['--raw', '-t'],
    ['--fold', '--since', '1m'],
  ])
    expect((await chap(['logs', ...args, id], { spool })).exitCode).toBe(2)
})
