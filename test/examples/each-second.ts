/** A command that is run ten times, once each second: what each run wrote, and how it ended. */
import { attach, isProblem, start } from 'chap-jobs'

const [every = '1000'] = process.argv.slice(2)

const job = await start({ program: ['uname', '-r'], every: Number(every), count: 10 })
if (isProblem(job)) throw new Error(job.code)
const series = await attach(job)
if (isProblem(series)) throw new Error(series.code)

for await (const run of series.runs()) {
  if (run.kind !== 'ended') {
    console.log(run)
    continue
  }
  const output = await attach(job, { run: run.run })
  if (isProblem(output)) throw new Error(output.code)
  for await (const { text } of output.lines()) console.log(`run ${run.run}: ${text}`)
  console.log(`run ${run.run} ended with ${run.exitStatus}`)
}
