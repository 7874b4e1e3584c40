// Row 25: 100 starts at once to one sshd that drops connections when more than 10 knock (MaxStartups 10:30:100, the default).
import { readFileSync } from 'node:fs'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

const JOBS = 100

test('100 starts at once: all run, each once', async () => {
  const { sshd, spool } = scene
  const jobs = Array.from({ length: JOBS }, (_, n) => {
    const script = `echo begun >>'${spool.root}/runs.${n}'; echo job ${n}; exit ${n}`
    return { n, job: makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script])) }
  })
  const start = performance.now()
  await Promise.all(jobs.map(({ job }) => job.takeUp()))
  await Promise.all(jobs.map(({ job }) => job.untilLeft(150_000)))
  const seconds = Math.round((performance.now() - start) / 1_000)
  for (const { n, job } of jobs)
    expectLawful(job, spool, {
      outcome: { kind: 'exited', code: n },
      written: { stdout: Buffer.from(`job ${n}\n`), stderr: Buffer.alloc(0) },
      runs: `${spool.root}/runs.${n}`,
    })
  const dropped = readFileSync(sshd.log, 'utf8').match(/drop connection/g)?.length ?? 0
  console.info(`${JOBS} jobs in ${seconds} s; sshd dropped ${dropped} connections`)
}, 180_000)
