// 50 MB of random bytes and a stream of stderr beside it, cut at random moments in every way: byte-identical, the status true, run once.
import { randomBytes, randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { expectLawful, expectPrefix, type Written } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { makeSpools } from '../rig/spool.ts'
import { type ProxiedSshd, startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'sshd', 'ssh')

const STDOUT_BYTES = 50_000_000
const STDERR_BYTES = 2_700_000
const CHUNKS = 100
/** Per run; with RUNS runs, 200 in all. */
const CUTS = 25
const RUNS = 8

const written: Written = { stdout: randomBytes(STDOUT_BYTES), stderr: randomBytes(STDERR_BYTES) }

// The runs wait for their programs' pace, most of all: so side by side, each with an sshd whose network is its own.
const spools = makeSpools()
const sshds: ProxiedSshd[] = []
beforeAll(async () => {
  for (let run = 1; run <= RUNS; run += 1) sshds.push(await startSshd({ proxied: true, config: ['MaxStartups 100'] }))
})
afterAll(async () => {
  for (const { proxy } of sshds) proxy.heal()
  await spools.cleanUp()
  for (const sshd of sshds) await sshd.stop()
})

/** Ways to break a link, by name. Each comes back when it is broken, not when it is mended. */
const cuts: Record<string, (job: TestJob, sshd: ProxiedSshd) => Promise<void>> = {
  'ssh killed': async (job) => killAll(job.linkProcesses().slice(0, 1)),
  'a follower killed': async (job) => killAll(job.linkProcesses().slice(1, 2)),
  "sshd's session killed": async (_job, sshd) => sshd.killSessions(),
  'TCP reset': async (_job, sshd) => sshd.proxy.reset(),
  'black hole': async (_job, sshd) => {
    sshd.proxy.hole()
    await pause(randomInt(100, 3_500)) // the fault's own length: sometimes shorter than the keepalives' patience
    sshd.proxy.heal()
  },
  'chaperone killed': async (job) => {
    await job.killChaperone()
    await job.takeUp()
  },
}

/** Writes both streams from files in paced pieces, until the test says that the cuts are over; then the rest, and exits 42. */
const program = (root: string): string => `
echo begun >>'${root}/runs'
exec 5>&2 3<'${root}/in.out' 4<'${root}/in.err'
i=0
while [ $i -lt ${CHUNKS} ]; do
  dd bs=${STDOUT_BYTES / CHUNKS} count=1 <&3 2>/dev/null & dd bs=${STDERR_BYTES / CHUNKS} count=1 <&4 2>/dev/null >&5; wait
  [ -e '${root}/hurry' ] || sleep 0.25
  i=$((i + 1))
done
exit 42`

describe.concurrent('cuts', () => {
  for (let run = 1; run <= RUNS; run += 1)
    test(`run ${run}: ${CUTS} cuts`, async () => {
      const sshd = sshds[run - 1] as ProxiedSshd
      const spool = await spools.make()
      writeFileSync(`${spool.root}/in.out`, written.stdout)
      // dd's own words would be on stderr: the program's is dd's stdout there
      writeFileSync(`${spool.root}/in.err`, written.stderr)
      const keepalive = { interval: 1, count: 2 }
      const job = makeJob(spool, sshDraft(sshd, spool, ['bash', '-c', program(spool.root)], { keepalive }))
      await job.takeUp()
      const kinds = Object.keys(cuts)
      const done: string[] = []
      for (let cut = 0; cut < CUTS; cut += 1) {
        await pause(randomInt(0, 600)) // the random moment
        const kind = kinds[randomInt(kinds.length)] as string
        done.push(kind)
        await cuts[kind]?.(job, sshd)
        expectPrefix(job, written)
        job.knock()
      }
      writeFileSync(`${spool.root}/hurry`, '')
      await job.untilLeft(60_000)
      expect(done).toHaveLength(CUTS)
      expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written, runs: `${spool.root}/runs` })
    }, 240_000)
})
