// A new chaperone is killed when it has claimed the job and can't be called yet: whoever brought it up brings up another, and does not give up.
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import { probeDoorbell } from '../../src/spool/doorbell.ts'
import { startChap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob, type TestJob } from '../rig/job.ts'
import { descendantsOf, listProcesses } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { signalIfThere } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux')

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** Kills the next owner as soon as there is one. @returns whether that was before it could be called */
const killYoung = async ({ paths }: TestJob, before: number): Promise<boolean> => {
  const owner = await until(
    () => {
      const found = readOwner(paths)
      return found !== undefined && found.number > before && found
    },
    { deadline: 20_000, what: 'the next owner', every: 0 },
  )
  signalIfThere(owner.identity.pid, 'SIGSTOP')
  const isYoung = !probeDoorbell(paths.doorbell)
  signalIfThere(owner.identity.pid, 'SIGKILL')
  return isYoung
}

test('an attach goes on, and ends as the job does', async () => {
  const job = makeJob(
    spool,
    localDraft(['sh', '-c', 'echo out; until [ -e go ]; do sleep 0.1; done; exit 7'], { cwd: spool.root }),
  )
  await job.takeUp()
  await job.untilState('running')
  const attached = startChap(['attach', job.spec.id], { spool })
  await until(() => attached.said() === 'out\n', { deadline: 20_000, what: 'the first line' })
  let number = readOwner(job.paths)?.number ?? 0
  await job.killChaperone()
  // A quick one may be killed a moment too late; then it is the next one's turn.
  while (!(await killYoung(job, number))) number = readOwner(job.paths)?.number ?? 0
  const killed = readOwner(job.paths)?.number ?? 0
  // Long before the patience of whoever brought it up is over.
  await until(() => (readOwner(job.paths)?.number ?? 0) > killed, { deadline: 8_000, what: 'one more owner' })
  writeFileSync(`${spool.root}/go`, '')
  expect(await attached.result).toMatchObject({ exitCode: 7, stdout: 'out\n' })
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 7 } })
})

test('one that is killed before it has claimed the job is replaced, too', async () => {
  const job = makeJob(
    spool,
    localDraft(['sh', '-c', 'until [ -e go ]; do sleep 0.1; done; exit 7'], { cwd: spool.root }),
  )
  await job.takeUp()
  await job.untilState('running')
  // A quick one may have claimed it a moment before; then it is the next one's turn.
  for (let isUnclaimed = false; !isUnclaimed; ) {
    await job.killChaperone()
    const number = readOwner(job.paths)?.number
    const recovering = startChap(['recover', job.spec.id], { spool })
    const born = await until(() => descendantsOf(recovering.pid, listProcesses())[0], {
      deadline: 20_000,
      what: 'the next chaperone',
      every: 0,
    })
    signalIfThere(born.pid, 'SIGSTOP')
    isUnclaimed = readOwner(job.paths)?.number === number
    signalIfThere(born.pid, 'SIGKILL')
    expect(await recovering.result).toMatchObject({ exitCode: 0 })
  }
  writeFileSync(`${spool.root}/go`, '')
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 7 } })
})
