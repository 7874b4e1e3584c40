/** A command that goes on for ever, read line by line until this program has seen enough. */
import { attach, isProblem, kill, start } from 'chap-jobs'

const job = await start({ program: 'while date; do sleep 0.1; done' })
if (isProblem(job)) throw new Error(job.code)
const attached = await attach(job)
if (isProblem(attached)) throw new Error(attached.code)

let seen = 0
for await (const line of attached.lines('stdout')) {
  seen += line.text.length > 0 ? 1 : 0
  if (seen === 5) break
}
// The job goes on without a reader; it is ended by whoever asks.
const killed = await kill(job)
if (isProblem(killed) || killed.kind !== 'ended') throw new Error('it did not end')
console.log(seen, killed.outcome.kind)
