/** Any number of terminals on one job see the same bytes, and one that stalls holds up nobody. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

test('20 attaches see the same bytes; a stopped one and one with a full pipe delay nobody', async () => {
  const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do head -c 300000 /dev/urandom; echo $i >&2; sleep 0.2; done'
  const { stdout } = await chap(['start', '-c', script], { spool })
  const id = stdout.trim()
  const [stopped, ...others] = Array.from({ length: 18 }, () => startChap(['attach', id], { spool }))
  const stuck = spawn(process.execPath, [bin, 'attach', id], { env: spool.env, stdio: ['ignore', 'pipe', 'ignore'] })
  const failing = spawn(process.execPath, [bin, 'attach', id], { env: spool.env, stdio: ['ignore', 'pipe', 'ignore'] })
  await until(() => (stuck.stdout.readableLength > 0 ? true : (stuck.stdout.read(0) ?? false)), { deadline: 20_000 })
  stopped?.kill('SIGSTOP')
  failing.stdout.destroy()
  const results = await Promise.all(others.map(({ result }) => result))
  const whole = readFileSync(join(spool.dir, 'jobs', id, 'stdout'))
  expect(whole.length).toBe(3_000_000)
  for (const { stdoutBytes, stderr, exitCode } of results)
    expect([hash(stdoutBytes), stderr, exitCode]).toEqual([hash(whole), '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n', 0])
  expect((await chap(['wait', id], { spool })).exitCode).toBe(0)
  stopped?.kill('SIGCONT')
  const late = await stopped?.result
  expect(late && hash(late.stdoutBytes)).toBe(hash(whole))
  const chunks: Buffer[] = []
  for await (const chunk of stuck.stdout) chunks.push(chunk as Buffer)
  expect(hash(Buffer.concat(chunks))).toBe(hash(whole))
})

test('logs: what there is, the last lines, one stream, times, several jobs, and lines for programs', async () => {
  const one = (await chap(['start', '-c', 'echo a; echo b; echo oops >&2; printf c'], { spool })).stdout.trim()
  const two = (await chap(['start', '-c', 'printf "x\\r\\ny\\r\\n"; exit 5'], { spool })).stdout.trim()
  const logs = (...args: readonly string[]) => chap(['logs', ...args], { spool })
  await chap(['wait', one, two], { spool })
  expect(await logs(one)).toMatchObject({ stdout: 'a\nb\nc', stderr: 'oops\n', exitCode: 0 })
  expect(await logs(one, '-n', '2')).toMatchObject({ stdout: 'b\nc', stderr: 'oops\n' })
  expect(await logs(one, '--stderr')).toMatchObject({ stdout: '', stderr: 'oops\n' })
  expect((await logs(two)).stdout).toBe('x\r\ny\r\n')
  expect((await logs(one, two, '--stdout')).stdout).toBe(`${one} | a\n${one} | b\n${one} | c\n${two} | x\n${two} | y\n`)
  expect((await logs(one, two, '-f')).exitCode).toBe(5)
  // As of a reader that went away, but the job's own.
  const three = (await chap(['start', '-c', 'exit 141'], { spool })).stdout.trim()
  expect((await logs(three, '-f')).exitCode).toBe(141)
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
  expect((await logs(one, '-t', '--stdout')).stdout).toMatch(new RegExp(`^${time} a\\n${time} b\\n${time} c\\n$`))
  const lines = (await logs(one, '--json')).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines).toContainEqual({ id: one, host: null, stream: 'stderr', time: expect.any(String), line: 'oops' })
})

test('a backlog of both streams is shown in the order in which it came', async () => {
  const script = 'echo 1; sleep 0.3; echo 2 >&2; sleep 0.3; echo 3; sleep 0.3; echo 4 >&2'
  const { stdout } = await chap(['start', '-c', script], { spool })
  await chap(['wait', stdout.trim()], { spool })
  const both = `exec node '${bin}' attach last 2>&1`
  const child = spawn('sh', ['-c', both], { env: spool.env, stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toBe('1\n2\n3\n4\n')
})

test('ls --watch shows jobs as they come and go', async () => {
  await chap(['start', '-n', 'first', '--', 'true'], { spool })
  const child = spawn(process.execPath, [bin, 'ls', '-a', '--watch'], {
    env: spool.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await until(() => text.includes('first'), { deadline: 20_000 })
  await chap(['start', '-n', 'second', '--', 'true'], { spool })
  await until(() => text.includes('second'), { deadline: 20_000 })
  child.kill()
})
