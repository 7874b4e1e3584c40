/** Input from a program: each byte once and in order, what takes none says so. */
import { readFileSync } from 'node:fs'
import { attach, kill, send, start, wait } from 'chap-jobs'
import { afterAll, beforeAll, expect } from 'vitest'
import { enterSpool, good } from '../rig/library.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux')
let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

test('text, bytes and pieces, and an answer to each line as it is sent; then the end', async () => {
  const job = good(await start({ program: ['sed', '-u', 's/^/got /'], stdin: 'open' }))
  const lines = good(await attach(job)).lines()
  expect(good(await send(job, 'é\n'))).toMatchObject({ id: job.id, bytes: 3 })
  expect((await lines.next()).value).toMatchObject({ text: 'got é' })
  await send(job.id, Buffer.from('two\n'))
  expect((await lines.next()).value).toMatchObject({ text: 'got two' })
  async function* pieces() {
    for (const text of ['th', 'ree\nfo', 'ur\n']) yield Buffer.from(text)
  }
  expect(good(await send(job, pieces(), { eof: true }))).toMatchObject({ bytes: 11 })
  expect((await lines.next()).value).toMatchObject({ text: 'got three' })
  expect((await lines.next()).value).toMatchObject({ text: 'got four' })
  expect(await wait([job])).toMatchObject([{ exitStatus: 0 }])
  expect(await send(job, 'more')).toMatchObject({ code: 'input_ended', id: job.id, bytes: 0 })
})

test('what is longer than a request is sent whole', async () => {
  const job = good(await start({ program: ['cat'], stdin: 'open' }))
  const text = Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`).join('')
  expect(good(await send(job, text, { eof: true })).bytes).toBe(text.length)
  expect(await wait([job])).toMatchObject([{ exitStatus: 0 }])
  expect(readFileSync(job.paths.stdout, 'utf8')).toBe(text)
})

test('an end behind nothing; then no more is taken', async () => {
  const job = good(await start({ program: 'cat; echo end; exec sleep 1000', stdin: 'open' }))
  expect(good(await send(job, '', { eof: true }))).toMatchObject({ bytes: 0 })
  await until(() => readFileSync(job.paths.stdout, 'utf8') === 'end\n', { deadline: 20_000 })
  expect(await send(job, 'more')).toEqual({ code: 'input_closed', id: job.id, bytes: 0 })
  await kill(job, { grace: 0 })
})

test('a job whose stdin is not open takes nothing', async () => {
  const job = good(await start({ program: ['true'] }))
  expect(await send(job, 'x')).toEqual({ code: 'stdin_not_open', id: job.id })
  expect(await send('zzz', 'x')).toEqual({ code: 'no_such_job', name: 'zzz' })
})
