// The chaperone of a job whose stdin stays open, killed at each of its system calls while input comes: each byte gets to the command once.
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { sendInput } from '../../src/watcher/send-input.ts'
import { atEveryPoint } from '../rig/crash-points.ts'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

const test = testWith('linux', 'ptrace')
const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))
const by = { user: 'rig', host: 'rig', pid: process.pid }

let spool: Spool

beforeAll(async () => {
  spool = await makeSpool()
})
afterAll(() => cleanUp(spool))

test('at every second call of a local job: the command reads what was sent, in order, once', async () => {
  const lines = ['one\n', 'two\n', 'three\n']
  const points = await atEveryPoint({
    from: /requests/,
    every: 2,
    play: async (run) => {
      const job = makeJob(spool, localDraft(['cat'], { hasStdin: true, stdinOpen: true }), new Uint8Array())
      const argv = [process.execPath, chaperone, job.paths.dir] as const
      const running = run({ argv, env: spool.env, log: `${job.paths.dir}/strace` })
      const sending = sendInput(
        job.paths,
        lines.map((line) => Buffer.from(line)),
        true,
        { by },
      )
      if (await running) await job.takeUp()
      expect(await sending).toEqual({ bytes: 14, last: { kind: 'accepted' } })
      await job.untilLeft()
      const written = { stdout: Buffer.from(lines.join('')), stderr: Buffer.alloc(0) }
      expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written })
    },
  })
  process.stdout.write(`${points.length} crash points of a chaperone that takes input\n`)
  expect(points.length).toBeGreaterThan(30)
}, 240_000)
