// chap send, and what attach and run pass on, as a person calls them.
import { afterEach, beforeEach, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

const test = testWith('linux')
let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const start = async (...options: string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await chap(['start', ...options, '--', 'cat'], { spool })
  expect(exitCode, stderr).toBe(0)
  return stdout.trim()
}

test('send: words, what chap reads, and the end; a later one is told so', async () => {
  const id = await start('--stdin', 'open')
  expect(await chap(['send', id, 'two', 'words'], { spool })).toMatchObject({ exitCode: 0, stderr: '' })
  await chap(['send', id, 'no', '--no-newline'], { spool })
  await chap(['send', id, '-'], { spool, input: ' newline\n\0' })
  await chap(['send', id, '--eof'], { spool })
  expect(await chap(['attach', id], { spool })).toMatchObject({ exitCode: 0, stdout: 'two words\nno newline\n\0' })
  const late = await chap(['send', id, 'more'], { spool })
  expect(late).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('has ended: nothing was sent') })
})

test('attach --stdin passes a pipe on, and its end; others follow the same job', async () => {
  const id = await start('--stdin', 'open')
  const other = startChap(['attach', id], { spool })
  const { stdout, exitCode } = await chap(['attach', '--stdin', id], { spool, input: 'a\nb\n' })
  expect({ stdout, exitCode }).toEqual({ stdout: 'a\nb\n', exitCode: 0 })
  expect((await other.result).stdout).toBe('a\nb\n')
})

test('run --stdin open passes on what is piped', async () => {
  const { stdout, exitCode } = await chap(['run', '--stdin', 'open', '--', 'sh', '-c', 'cat; exit 3'], {
    spool,
    input: 'x\n',
  })
  expect({ stdout, exitCode }).toEqual({ stdout: 'x\n', exitCode: 3 })
})

test('what can not be sent is refused, with what to do', async () => {
  const id = await start()
  const closed = await chap(['send', id, 'x'], { spool })
  expect(closed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--stdin open') })
  expect((await chap(['attach', '--stdin', id], { spool })).exitCode).toBe(2)
  expect((await chap(['send', id], { spool })).exitCode).toBe(2)
  for (const options of [['--plain'], ['--on-disconnect', 'kill']]) {
    const refused = await chap(['start', '--stdin', 'open', ...options, 'host', '--', 'cat'], { spool })
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--stdin FILE') })
  }
})

test('the jobs of a group have open stdins of their own', async () => {
  const options = ['--host', 'a,b', '--via', 'env AT={host}', '--stdin', 'open', '--json']
  const started = await chap(['start', ...options, '--', 'cat'], { spool })
  expect(started, started.stderr).toMatchObject({ exitCode: 0 })
  const [first, second] = JSON.parse(started.stdout).jobs
  await chap(['send', second.id, 'to b', '--eof'], { spool })
  await chap(['send', first.id, '--eof'], { spool })
  expect((await chap(['attach', second.id], { spool })).stdout).toBe('to b\n')
  expect((await chap(['attach', first.id], { spool })).stdout).toBe('')
})
