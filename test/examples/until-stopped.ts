/** A command that is run again and again, for ever, until this program has seen enough. */
import { attach, isProblem, kill, start } from 'chap-jobs'

const job = await start({ program: ['date'], every: 200, forever: true })
if (isProblem(job)) throw new Error(job.code)
const series = await attach(job)
if (isProblem(series)) throw new Error(series.code)

let seen = 0
for await (const run of series.runs()) {
  if (run.kind === 'ended' && run.exitStatus === 0) seen += 1
  if (seen === 5) break
}
// The series goes on without a reader; it is ended by whoever asks.
const killed = await kill(job)
if (isProblem(killed) || killed.kind !== 'ended') throw new Error('it did not end')
console.log(seen, killed.endedBy)
