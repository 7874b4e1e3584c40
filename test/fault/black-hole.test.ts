// Row 5: the network swallows everything for a while, then it is back. The job is reconnecting, never failed, and an attach goes on within 2 s.
import { spawn } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect } from 'vitest'
import { DEFAULTS } from '../../src/library/command.ts'
import { type Cable, layCable } from '../rig/cable.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
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
const measure = async (
  { sshd, swallow, heal }: Network,
  attempts: number,
  rounds = ROUNDS,
  change: Parameters<typeof startSteps>[2] = { connectTimeout: CONNECT_TIMEOUT },
): Promise<number[]> => {
  const { job, steps } = await startSteps({ sshd, spool }, rounds + 2, change)
  const { shown, said } = attach(job.spec.id)
  const untilShown = (bytes: number): Promise<unknown> =>
    until(() => shown() >= bytes, { deadline: 30_000, what: 'the lines on the terminal' })
  await untilShown(steps.written(1).stdout.length)
  const times: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
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
  await until(() => said().includes('link to rig restored after'), { deadline: 10_000, what: 'words of the link' })
  steps.go()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  console.info(`from healing to the next byte: ${times.join(', ')} ms`)
  return times
}

/** A server at the far end of a cable. */
const withCable = async (work: (cable: Cable, sshd: Sshd) => Promise<void>): Promise<void> => {
  const cable = layCable()
  try {
    const sshd = await startSshd({
      prefix: cable.prefix,
      config: [`ListenAddress ${cable.address}`],
      clientConfig: [`HostName ${cable.address}`],
    })
    try {
      await work(cable, sshd)
    } finally {
      cable.heal()
      await sshd.stop()
    }
  } finally {
    cable.remove()
  }
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
  () =>
    withCable(async (cable, sshd) => {
      const times = await measure({ sshd, swallow: cable.unplug, heal: cable.plugIn }, 2)
      // A swallowed SYN is sent again by the kernel after 1, 2, 4... seconds, and ssh can't be told to hurry.
      expect(Math.max(...times)).toBeLessThan(GOAL_MS + CONNECT_TIMEOUT * 1_000)
    }),
  120_000,
)

testWith(
  'linux',
  'root',
  'ip',
  'ssh',
  'sshd',
)(
  'with no --keepalive a network that takes nothing is noticed soon; not where the command ends with its link, nor where one is given',
  () =>
    withCable(async (cable, sshd) => {
      const { keepalive } = DEFAULTS
      const { interval, count } = keepalive
      const tick = ['sh', '-c', `until [ -e ${spool.root}/stop ]; do echo tick; sleep 0.1; done`] as const
      const others = [
        makeJob(spool, sshDraft(sshd, spool, tick, { keepalive, onDisconnect: 'kill' })),
        makeJob(spool, sshDraft(sshd, spool, tick, { keepalive: { interval, count } })),
      ]
      const sizes = (): number[] => others.map(({ paths }) => statSync(paths.stdout).size)
      for (const job of others) await job.takeUp()
      await until(() => sizes().every((size) => size > 50), { deadline: 30_000, what: 'ticks' })
      let since = 0
      let held = 0
      let before: number[] = []
      const swallow = (): void => {
        cable.swallow()
        since = performance.now()
      }
      const heal = (): void => {
        held = performance.now() - since
        before = sizes()
        cable.heal()
      }
      const change = { keepalive, connectTimeout: DEFAULTS.connectTimeout / 1_000 }
      const times = await measure({ sshd, swallow, heal }, 2, 1, change)
      expect(Math.max(...times)).toBeLessThan(GOAL_MS)
      // The keepalives give it up after 45 s, and then a try takes 20.
      expect(held).toBeLessThan(20_000)
      await until(() => sizes().every((size, index) => size > (before[index] ?? 0)), {
        deadline: 30_000,
        what: 'more ticks',
      })
      expect(others.map((job) => job.state().link.generation)).toEqual([1, 1])
      writeFileSync(`${spool.root}/stop`, '')
      for (const job of others) await job.untilLeft()
    }),
  60_000,
)
