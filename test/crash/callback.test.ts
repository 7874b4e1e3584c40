// The chaperone killed at each of its system calls from the first that is about the callback: the receiver gets each byte once, and the token goes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { needsRecovery } from '../../src/library/recover.ts'
import { readDelivery } from '../../src/spool/callback.ts'
import { viewJob } from '../../src/watcher/job-view.ts'
import { atEveryPoint } from '../rig/crash-points.ts'
import { localDraft, makeJob } from '../rig/job.ts'
import { type Receiver, startReceiver, TOKEN } from '../rig/receiver.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { untilSeen } from '../rig/until.ts'

const test = testWith('linux', 'ptrace')
const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))

const isWhole = process.env['CHAP_CRASH_ALL'] !== undefined

let spool: Spool
let receiver: Receiver
beforeAll(async () => {
  spool = await makeSpool()
  receiver = await startReceiver(join(spool.root, 'received'))
})
afterAll(async () => {
  await receiver.down()
  await cleanUp(spool)
})

test('at what it renames and unlinks; at all of its calls: CHAP_CRASH_ALL=1', async () => {
  const points = await atEveryPoint({
    from: /callback/,
    ...(isWhole ? {} : { only: ['rename', 'unlink'] }),
    play: async (run, number) => {
      const callback = {
        ...{ url: receiver.url, method: 'POST', ca: null, retryFrequency: 0.1, timeout: 60 },
        ...{ outputBuffer: 1, outputLatency: 0 },
      }
      const job = makeJob(spool, localDraft(['sh', '-c', 'echo out; echo err >&2'], { callback, callbackToken: TOKEN }))
      const wasKilled = await run({
        argv: [process.execPath, chaperone, job.paths.dir],
        env: spool.env,
        log: `${job.paths.dir}/strace-${number}`,
      })
      if (wasKilled && needsRecovery(viewJob(job.paths, Date.now()), true)) await job.takeUp()
      await untilSeen(
        () => readDelivery(job.paths),
        (read) => read.ok && read.value.result === 'delivered' && !existsSync(job.paths.callbackToken),
        { deadline: 30_000, what: `the delivery\n${job.log()}` },
      )
      await job.untilLeft()
      expect(receiver.has(job.spec.id)).toMatchObject({
        stdout: 'out\n',
        stderr: 'err\n',
        completed: { exit_status: 0 },
      })
    },
  })
  process.stdout.write(`${points.length} crash points of a callback\n`)
  expect(points.length).toBeGreaterThan(3)
}, 900_000)
