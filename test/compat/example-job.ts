// The job that spool.example/ shows: output on both streams, and a signal that was asked for while it ran.
import { readdirSync, statSync } from 'node:fs'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import type { Spool } from '../rig/spool.ts'
import type { Sshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const script = `trap 'echo "checkpoint after epoch $epoch" >&2' USR1
for epoch in 1 2 3 4 5 6; do
  echo "epoch $epoch"
  (trap '' USR1; exec sleep 0.3) & wait $!
done`

/** Runs it to its end. */
export const runExample = async (sshd: Sshd, spool: Spool): Promise<TestJob> => {
  const job = makeJob(
    spool,
    sshDraft(sshd, spool, ['sh', '-c', script], {
      name: 'train',
      labels: { project: 'demo' },
      env: { SEED: '7' },
      created: { time: new Date().toISOString(), host: 'laptop', user: 'ada' },
    }),
  )
  await job.takeUp()
  await until(() => statSync(job.paths.stdout).size >= 'epoch 1\nepoch 2\nepoch 3\n'.length, {
    deadline: 20_000,
    what: 'the third epoch',
  })
  job.ask('signal', 'SIGUSR1')
  await job.untilLeft()
  return job
}

/** Every file of a job's directory, numbers and request ids apart. */
export const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replace(/^requests\/.*\.(json|answer)$/, 'requests/ID.$1'))
    .toSorted()

/** Every key of a record, those of records within it too. */
export const keysOf = (record: unknown, prefix = ''): string[] => {
  if (typeof record !== 'object' || record === null) return []
  return Object.entries(record).flatMap(([key, value]) => [`${prefix}${key}`, ...keysOf(value, `${prefix}${key}.`)])
}
