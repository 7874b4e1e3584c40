/** Two commands side by side; when the first of them fails, the other is ended. */
import { isProblem, kill, type Started, start, wait } from 'chap-jobs'

const [host] = process.argv.slice(2)
const at = host === undefined ? {} : { host, sshConfig: process.argv[3] ?? 'none' }

const jobs: Started[] = []
for (const program of ['sleep 1000', 'sleep 1; exit 3']) {
  const job = await start({ ...at, program, label: { example: 'side-by-side' } })
  if (isProblem(job)) throw new Error(job.code)
  jobs.push(job)
}
for (let left = jobs; left.length > 0; ) {
  const ends = await wait(left, { until: 'any' })
  const isBad = ends.some((end) => end !== null && (isProblem(end) || end.exitStatus !== 0))
  if (isBad) await Promise.all(left.map((job) => kill(job)))
  left = left.filter((_, index) => ends[index] === null)
}
for (const end of await wait(jobs)) console.log(end === null || isProblem(end) ? end : end.exitStatus)
