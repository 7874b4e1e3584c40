// Row 5: the network swallows everything for a while, then it is back. The job is reconnecting, never failed, and an attach goes on within 2 s.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect } from 'vitest'
import { layCable } from '../rig/cable.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'
import { startSteps } from './scene.ts'

const bin = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))
const ROUNDS = 3
const GOAL_MS = 2_000
/** Seconds for a try to connect. */
const CONNECT_TIMEOUT = 3

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

interface Network {
  readonly sshd: Sshd
  swallow(): void
  heal(): void
}

const attach = (id: string): { shown: () => number; said: () => string } => {
  const child = spawn(process.execPath, [bin, 'attach', id], { env: spool.env, stdio: ['ignore', 'pipe', 'pipe'] })
  let shown = 0
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.length
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return { shown: () => shown, said: () => said }
}

/** @returns milliseconds from each healing to the next byte on the terminal */
const measure = async ({ sshd, swallow, heal }: Network, attempts: number): Promise<number[]> => {
  const { job, steps } = await startSteps({ sshd, spool }, ROUNDS + 1, { connectTimeout: CONNECT_TIMEOUT })
  const { shown, said } = attach(job.spec.id)
  const untilShown = (bytes: number): Promise<unknown> =>
    until(() => shown() >= bytes, { deadline: 30_000, what: 'the lines on the terminal' })
  await untilShown(steps.written(1).stdout.length)
  const times: number[] = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    swallow()
    steps.go()
    await until(() => job.state().state === 'reconnecting' && job.state().link.attempts >= attempts, {
      deadline: 60_000,
      what: 'failed tries to reconnect',
    })
    expectPrefix(job, steps.written())
    const before = shown()
    heal()
    const healed = performance.now()
    await untilShown(before + 1)
    times.push(Math.round(performance.now() - healed))
    await untilShown(steps.written(round + 1).stdout.length)
  }
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  expect(said()).toContain('link to rig restored after')
  console.info(`from healing to the next byte: ${times.join(', ')} ms`)
  return times
}

testWith('linux', 'ssh', 'sshd')(
  'a silent server: an attach shows the next byte within 2 s of the healing',
  async () => {
    const sshd = await startSshd({ proxied: true })
    try {
      const times = await measure({ sshd, swallow: () => sshd.proxy.hole(), heal: () => sshd.proxy.heal() }, 2)
      expect(Math.max(...times)).toBeLessThan(GOAL_MS)
    } finally {
      await sshd.stop()
    }
  },
  120_000,
)

testWith(
  'linux',
  'root',
  'ip',
  'ssh',
  'sshd',
)(
  'an unplugged cable: an attach shows the next byte within 2 s of plugging it in, and of the end of the try under way',
  async () => {
    const cable = layCable()
    const sshd = await startSshd({
      prefix: cable.prefix,
      config: [`ListenAddress ${cable.address}`],
      clientConfig: [`HostName ${cable.address}`],
    })
    try {
      const times = await measure({ sshd, swallow: cable.unplug, heal: cable.plugIn }, 2)
      // A swallowed SYN is sent again by the kernel after 1, 2, 4... seconds, and ssh can't be told to hurry.
      expect(Math.max(...times)).toBeLessThan(GOAL_MS + CONNECT_TIMEOUT * 1_000)
    } finally {
      await sshd.stop()
      cable.remove()
    }
  },
  120_000,
)
