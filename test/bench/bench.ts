// Measures what chap costs beside what a person would use instead: both in the same run, in turn, as ratios of medians.
import { cpus } from 'node:os'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { measureCallback } from './callback.ts'
import { measureFollow } from './follow.ts'
import { measureGroup } from './group.ts'
import { measureIdle } from './idle.ts'
import { measureManyJobs } from './many-jobs.ts'
import { measureMerge } from './merge.ts'
import type { Bench, Row } from './row.ts'
import { measureSeries } from './series.ts'
import { measureStart } from './start.ts'
import { measureTransfer } from './transfer.ts'

const [root = '.', ...chosen] = process.argv.slice(2)
const works: Readonly<Record<string, (bench: Bench) => Promise<Row[]>>> = {
  start: measureStart,
  follow: measureFollow,
  idle: measureIdle,
  transfer: measureTransfer,
  series: measureSeries,
  group: measureGroup,
  merge: measureMerge,
  many: measureManyJobs,
  callback: measureCallback,
}

const sshd = await startSshd({ config: ['MaxStartups 200', 'MaxSessions 200'] })
const spool = await makeSpool()
try {
  process.stdout.write(`${cpus().length} x ${cpus()[0]?.model}, node ${process.version}\n`)
  for (const [name, measure] of Object.entries(works)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    for (const { work, chap, rival, ratio, goal } of await measure({ root, sshd, spool }))
      process.stdout.write(
        `${work.padEnd(52)} chap ${chap.padEnd(12)} ${rival.padEnd(34)} ratio ${ratio.padEnd(8)} goal ${goal}\n`,
      )
  }
} finally {
  await cleanUp(spool)
  await sshd.stop()
}
process.exit(0)
