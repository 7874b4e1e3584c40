/** Attaching from a program: every byte and line once, nothing held back or piled up, and nothing left open. */
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { attach, find, kill, type Line, list, type Program, start, wait } from 'chap-jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LONGEST_LINE } from '../../src/domain/lines.ts'
import { enterSpool, good } from '../rig/library.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

const begin = async (program: Program) => good(await start({ program }))

const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const got: T[] = []
  for await (const value of values) got.push(value)
  return got
}

const textsOf = (lines: readonly Line[], stream: Line['stream']): string[] =>
  lines.filter((line) => line.stream === stream).map(({ text }) => text)

/** What this process holds open of the spool, and each watch of its. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      // The instance is the event loop's own, and stays.
      if (target.includes('inotify'))
        return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify .*/gm) ?? []
      return target.startsWith(spool.dir) ? [target] : []
    } catch {
      return [] // the directory's own descriptor
    }
  })

/** libuv gives up a watch when it has told of the event in which it was closed. */
const untilClosed = () => until(() => openFiles().length === 0, { deadline: 5_000, what: 'no open file' })

test('lines of both streams, each once, with where and when they came', async () => {
  const before = Date.now() - 1_000
  const job = await begin("printf 'a\\r\\nb\\n'; sleep 0.3; echo oops >&2; sleep 0.3; printf '\\377c'; exit 3")
  const attached = good(await attach(job))
  const lines = await collect(attached.lines())
  expect(lines.map(({ stream, text, offset, kind }) => [stream, text, offset, kind])).toEqual([
    ['stdout', 'a', 0, 'whole'],
    ['stdout', 'b', 3, 'whole'],
    ['stderr', 'oops', 0, 'whole'],
    ['stdout', '\ufffdc', 5, 'last'],
  ])
  for (const { time } of lines) expect(time).toBeGreaterThan(before)
  expect(await attached.outcome).toMatchObject({
    id: job.id,
    outcome: { kind: 'exited', code: 3 },
    endedBy: 'exit',
    exitStatus: 3,
  })
  expect(textsOf(await collect(attached.lines('stderr')), 'stderr')).toEqual(['oops'])
  expect(Buffer.concat(await collect(attached.bytes('stdout')))).toEqual(Buffer.from('a\r\nb\n\xffc', 'latin1'))
})

test('lines are the same however the bytes came', async () => {
  const job = await begin(
    'i=0; while [ $i -lt 200 ]; do printf "lon"; printf "g %s é\\r" $i; printf "\\n"; i=$((i+1)); done',
  )
  const lines = await collect(good(await attach(job.id)).lines())
  expect(textsOf(lines, 'stdout')).toEqual(Array.from({ length: 200 }, (_, index) => `long ${index} é`))
})

test('a line of more than a mebibyte comes in parts', async () => {
  const job = await begin(`head -c ${LONGEST_LINE + 5} /dev/zero | tr '\\0' x; echo; echo end`)
  const lines = await collect(good(await attach(job)).lines())
  expect(lines.map(({ text, kind }) => [text.length, kind])).toEqual([
    [LONGEST_LINE, 'part'],
    [5, 'whole'],
    [3, 'whole'],
  ])
})

test('pieces of bytes are the reader’s own, and all of them are the file', async () => {
  const job = await begin('head -c 3000000 /dev/urandom')
  const pieces = await collect(good(await attach(job)).bytes('stdout'))
  expect(pieces.length).toBeGreaterThan(10)
  expect(Buffer.concat(pieces).equals(readFileSync(job.paths.stdout))).toBe(true)
  expect(await collect(good(await attach(job)).bytes('stderr'))).toEqual([])
})

test('it begins where it is told to, and takes only what there is', async () => {
  const job = await begin('echo a; echo b; echo c; echo d >&2; exec sleep 1000')
  await until(() => readFileSync(job.paths.stderr, 'utf8') === 'd\n', { deadline: 20_000 })
  const texts = async (from: Parameters<typeof attach>[1]) =>
    (await collect(good(await attach(job, { follow: false, ...from })).lines())).map(({ text }) => text).toSorted()
  expect(await texts({})).toEqual(['a', 'b', 'c', 'd'])
  expect(await texts({ from: { last: 1 } })).toEqual(['c', 'd'])
  expect(await texts({ from: { stdout: 2, stderr: 2 } })).toEqual(['b', 'c'])
  expect(await texts({ from: 'now' })).toEqual([])
  expect(await texts({ from: { since: Date.now() - 3_600_000 } })).toEqual(['a', 'b', 'c', 'd'])
  expect(await texts({ from: { since: Date.now() + 3_600_000 } })).toEqual([])
  const fresh = good(await attach(job, { from: 'now' })).lines()
  const next = fresh.next()
  await until(() => openFiles().length > 0, { deadline: 10_000 })
  appendFileSync(job.paths.stdout, 'new\n')
  expect((await next).value).toMatchObject({ text: 'new', offset: 6 })
  await fresh.return(undefined)
  // The test wrote there, not the command.
  truncateSync(job.paths.stdout, 6)
  expect(await kill(job, { grace: 0 })).toMatchObject({
    kind: 'ended',
    outcome: { kind: 'signaled', signal: 'SIGKILL' },
  })
})

test('leaving a loop early closes what it had opened', async () => {
  const job = await begin('while echo tick; do sleep 0.05; done')
  await untilClosed()
  const attached = good(await attach(job))
  for await (const line of attached.lines()) {
    expect(line.text).toBe('tick')
    expect(openFiles()).not.toEqual([])
    break
  }
  await untilClosed()
  const thrown = async (): Promise<void> => {
    for await (const piece of attached.bytes('stdout')) throw new Error(`left at ${piece.length > 0}`)
  }
  await expect(thrown()).rejects.toThrow('left at true')
  await untilClosed()
  expect(good(await find(job.id)).verdict).toBe('attended')
  await kill(job, { grace: 0 })
})

test('an AbortSignal detaches: loops end, the outcome says so, the job goes on', async () => {
  const job = await begin('echo one; exec sleep 1000')
  const controller = new AbortController()
  const attached = good(await attach(job, { signal: controller.signal }))
  const got: string[] = []
  for await (const { text } of attached.lines()) {
    got.push(text)
    // While the loop waits for more.
    setTimeout(() => controller.abort(), 50)
  }
  expect(got).toEqual(['one'])
  expect(await attached.outcome).toEqual({ code: 'detached', id: job.id })
  await untilClosed()
  expect(good(await find(job.id)).verdict).toBe('attended')
  await kill(job, { grace: 0 })
})

test('a slow reader costs no more than pieces, and the job ends meanwhile', async () => {
  const job = await begin('head -c 50000000 /dev/zero')
  const bytes = good(await attach(job)).bytes('stdout')
  const before = process.memoryUsage().arrayBuffers
  let size = (await bytes.next()).value?.length ?? 0
  expect(await wait([job])).toMatchObject([{ exitStatus: 0 }])
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000)
  for await (const piece of bytes) size += piece.length
  expect(size).toBe(50_000_000)
})

test('a job that is removed ends the loop, and the outcome is that it is gone', async () => {
  const job = await begin('echo one; exec sleep 1000')
  const attached = good(await attach(job))
  const got: string[] = []
  for await (const { text } of attached.lines()) {
    got.push(text)
    // At once: its chaperone still makes files there.
    renameSync(job.paths.dir, join(spool.root, 'removed'))
  }
  expect(got).toEqual(['one'])
  expect(await attached.outcome).toEqual({ code: 'gone', id: job.id })
  expect(await attach(job)).toEqual({ code: 'gone', id: job.id })
})

test('bytes that the record has and the file has not are said', async () => {
  const job = await begin('echo hello')
  expect(await wait([job])).toMatchObject([{ exitStatus: 0 }])
  truncateSync(job.paths.stdout, 2)
  const attached = good(await attach(job))
  expect((await collect(attached.lines())).map(({ text, kind }) => [text, kind])).toEqual([['he', 'last']])
  expect(await attached.outcome).toEqual({ code: 'short', id: job.id, stream: 'stdout', missing: 4 })
})

test('what the system refuses ends the loop, and is said', async () => {
  const job = await begin('true')
  expect(await wait([job])).toMatchObject([{ exitStatus: 0 }])
  rmSync(job.paths.stdout)
  const attached = good(await attach(job))
  expect(await collect(attached.lines())).toEqual([])
  expect(await attached.outcome).toMatchObject({ code: 'system', errno: 'ENOENT' })
  writeFileSync(job.paths.stdout, '')
})

test('what is not there is a problem, not an exception', async () => {
  expect(await attach('nosuchjob')).toEqual({ code: 'no_such_job', name: 'nosuchjob' })
  expect(await attach('nosuchjob', { spool: `${spool.root}/none` })).toMatchObject({ code: 'no_such_job' })
  expect(good(await list()).length).toBeGreaterThan(0)
})
