// A stream sent to a command's stdin, its link cut and its chaperone killed in the middle of it: every byte gets there once.
import { randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { inputOf } from '../../src/domain/input.ts'
import { readState } from '../../src/spool/state.ts'
import { sendInput } from '../../src/watcher/send-input.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type ProxiedSshd, startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'sshd', 'ssh')
const by = { user: 'rig', host: 'rig', pid: process.pid }
const exited = { kind: 'exited', code: 0 } as const
const OPEN = { hasStdin: true, stdinOpen: true, keepalive: { interval: 1, count: 2 } }

let sshd: ProxiedSshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd({ proxied: true, config: ['MaxStartups 100'] })
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  sshd.proxy.heal()
  await cleanUp(spool)
})

const cuts: readonly ((job: TestJob) => Promise<void>)[] = [
  async (job) => killAll(job.linkProcesses().slice(0, 1)),
  async () => sshd.killSessions(),
  async () => sshd.proxy.reset(),
  async () => {
    sshd.proxy.hole()
    await pause(randomInt(100, 2_500)) // the fault's own length
    sshd.proxy.heal()
  },
  async (job) => {
    await job.killChaperone()
    await job.takeUp()
  },
]

/** In pieces of any length, as a pipe brings them. */
function* cutUp(bytes: Uint8Array, longest: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + randomInt(longest)
    yield bytes.subarray(at, end)
    at = end
  }
}

const expectAllDelivered = (job: TestJob, size: number): void => {
  const state = readState(job.paths.state)
  if (!state.ok) throw new Error(JSON.stringify(state.fault))
  expect(inputOf(state.value.job)).toMatchObject({ size, eof: true, delivered: size })
}

for (const place of ['local', 'ssh'] as const)
  test(`5 MB to cat, ${place}, in the middle of 12 cuts`, async () => {
    const bytes = randomBytes(5_000_000)
    const draft = place === 'ssh' ? sshDraft(sshd, spool, ['cat'], OPEN) : localDraft(['cat'], OPEN)
    const job = makeJob(spool, draft, new Uint8Array())
    await job.takeUp()
    const sending = sendInput(job.paths, cutUp(bytes, 100_000), true, { by })
    const written = { stdout: bytes, stderr: Buffer.alloc(0) }
    for (let cut = 0; cut < 12; cut += 1) {
      await pause(randomInt(0, 400)) // the random moment
      const kind = place === 'local' ? cuts.length - 1 : cut % cuts.length
      if (job.state().link.state !== 'closed') await cuts[kind]?.(job)
      expectPrefix(job, written)
      job.knock()
    }
    expect(await sending).toEqual({ bytes: bytes.length, last: { kind: 'accepted' } })
    await job.untilLeft(60_000)
    expectLawful(job, spool, { outcome: exited, written })
    expectAllDelivered(job, bytes.length)
  }, 180_000)

test('several senders at once: each request whole, none lost, none doubled', async () => {
  const job = makeJob(spool, sshDraft(sshd, spool, ['cat'], OPEN), new Uint8Array())
  await job.takeUp()
  const linesOf = (sender: number): string[] =>
    Array.from({ length: 20 }, (_, index) => `${sender} ${index} ${'x'.repeat(randomInt(3_000))}\n`)
  const senders = [1, 2, 3, 4].map(linesOf)
  await Promise.all(
    senders.map((lines) =>
      sendInput(
        job.paths,
        lines.map((line) => Buffer.from(line)),
        false,
        { by },
      ),
    ),
  )
  await sendInput(job.paths, [], true, { by })
  await job.untilLeft()
  const seen = readFileSync(job.paths.stdout, 'utf8').split(/(?<=\n)/)
  expect(seen).toHaveLength(80)
  for (const [index, lines] of senders.entries())
    expect(seen.filter((line) => line.startsWith(`${index + 1} `))).toEqual(lines)
}, 60_000)

test('sent while the host is out of reach, before and after the command began: it gets there when it can', async () => {
  sshd.proxy.hole()
  const job = makeJob(spool, sshDraft(sshd, spool, ['cat'], { ...OPEN, connectTimeout: 2 }), new Uint8Array())
  await job.takeUp()
  expect((await sendInput(job.paths, [Buffer.from('early\n')], false, { by })).last.kind).toBe('accepted')
  sshd.proxy.heal()
  job.knock()
  await job.untilState('running')
  sshd.proxy.hole()
  await job.untilState('reconnecting')
  expect((await sendInput(job.paths, [Buffer.from('late\n')], true, { by })).last.kind).toBe('accepted')
  expect((await sendInput(job.paths, [Buffer.from('too late\n')], false, { by })).last.kind).toBe('closed')
  sshd.proxy.heal()
  job.knock()
  await job.untilLeft()
  const written = { stdout: Buffer.from('early\nlate\n'), stderr: Buffer.alloc(0) }
  expectLawful(job, spool, { outcome: exited, written })
  expect((await sendInput(job.paths, [Buffer.from('x')], false, { by })).last.kind).toBe('ended')
}, 60_000)
