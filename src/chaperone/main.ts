/** The chaperone's process: started detached, for a job's directory; it owns that job until nothing is left to do. */
import { appendFileSync, readFileSync } from 'node:fs'
import { newJob } from '../domain/job.ts'
import { holdDoorbell } from '../spool/doorbell.ts'
import { pathsIn } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { attend } from './attend.ts'
import { takeUp } from './own.ts'
import { realWorld } from './real-world.ts'
import { startRounds } from './rounds.ts'

const main = async (dir: string): Promise<void> => {
  process.umask(0o077)
  // Its terminal may go away at any time.
  process.on('SIGHUP', () => undefined)
  process.on('SIGINT', () => undefined)
  const paths = pathsIn(dir)
  const spec = readSpec(paths.spec)
  if (!spec.ok) throw new Error(`the job can't be read: ${JSON.stringify(spec.fault)}`)
  const owned = await takeUp(paths)
  if (owned === undefined) return
  let attendance: ReturnType<typeof attend> | undefined
  holdDoorbell(paths.doorbell, () => attendance?.lookAgain('knocked'))
  const world = realWorld(spec.value, paths, owned.number, process.env)
  world.note(`chaperone ${owned.number}, pid ${process.pid}`)
  // A state that can't be read is made anew: the launcher knows what is true, and will not run anything twice.
  const state = readState(paths.state)
  if (!state.ok) world.note(`the state can't be read: ${JSON.stringify(state.fault)}; asking the launcher`)
  const job = state.ok
    ? state.value.job
    : { ...newJob, prepared: true, link: { ...newJob.link, generation: owned.number * 1_000_000 } }
  attendance = attend(world, job)
  process.on('SIGTERM', () => {
    world.note('SIGTERM: leaving; the command goes on')
    void attendance?.stop()
  })
  startRounds(world, attendance)
  await attendance.over
  process.exit(0)
}

// `chap start` starts this process before the job has a directory, and says it then on stdin: two nodes start side by side.
const jobDir = process.argv[2] ?? readFileSync(0, 'utf8').trim()
// It was not to be: the command line was wrong, or the disk full.
if (jobDir === '') process.exit(0)
// Nobody reads its stderr: its last words go to the job's log. The job can be taken up by another chaperone.
process.on('uncaughtException', (error) => {
  appendFileSync(pathsIn(jobDir).log, `${new Date().toISOString()} the chaperone failed: ${error.stack}\n`)
  process.exit(125)
})
await main(jobDir)
