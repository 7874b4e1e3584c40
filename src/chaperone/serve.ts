/** One chaperone's work, from taking the job up until nothing is left to do for it here. */
import { existsSync } from 'node:fs'
import { isClosed, type Job, newJob } from '../domain/job.ts'
import { readEnvironment } from '../spool/environment.ts'
import { holdDoorbell } from '../spool/hold-doorbell.ts'
import { type JobPaths, pathsIn } from '../spool/layout.ts'
import { turnOf } from '../spool/queue.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { attend } from './attend.ts'
import { startCallback } from './callback/start.ts'
import type { CallbackWork } from './callback/work.ts'
import { isToBeEnded, startGroupDuty } from './group-duty.ts'
import { startOnExit } from './on-exit.ts'
import { syncRecords, takeUp } from './own.ts'
import { realWorld } from './real-world.ts'
import { startRounds } from './rounds.ts'
import type { Serve } from './serve-here.ts'
import { startTelling } from './telling.ts'
import type { World } from './world.ts'

/** Times, a second apart, that the file of `--log-file` is tried when the job has ended and it can't be written. */
const LOG_TRIES = 60

/** Resolves at once when another chaperone owns the job. */
export const serve: Serve = async (dir, secret, onTerm = (leave) => process.on('SIGTERM', leave)) => {
  const paths = pathsIn(dir)
  const spec = readSpec(paths.spec)
  if (!spec.ok) throw new Error(`the job can't be read: ${JSON.stringify(spec.fault)}`)
  const known = readState(paths.state)
  // Written anew it would lose what only the newer chap knows, such as a kill that it accepted.
  if (!known.ok && known.fault.code === 'newer') throw new Error(`the job is a newer chap's: ${known.fault.detail}`)
  // Whoever starts a chaperone reads the secret first. Without it the job would only be refused; one that waits for its turn is only ended.
  const isWaiting = turnOf(paths, spec.value) === null
  const isNeeded = spec.value.secret.kind !== 'none' && !(known.ok && isClosed(known.value.job))
  if (secret === null && isNeeded && !isWaiting) throw new Error('started without the password of its job')
  if (isWaiting && !isToBeEnded(paths)) return
  const owned = await takeUp(paths)
  if (owned === undefined) return
  if (owned.previous !== undefined) syncRecords(paths)
  let attendance: ReturnType<typeof attend> | undefined
  let delivery: CallbackWork | undefined
  holdDoorbell(paths.doorbell, () => {
    attendance?.lookAgain('knocked')
    delivery?.wake()
  })
  // Removed when the job has ended; only a launch needs it, and that refuses to do without.
  const whole = readEnvironment(paths.environment, spec.value)
  const telling = startTelling(paths.events, owned.number, () => new Date().toISOString())
  const duty = startGroupDuty(spec.value, paths, secret)
  const onEnded = (ended: Job): void => {
    duty.begin()
    onExit.begin(ended)
    delivery?.end(ended)
  }
  const world = realWorld(
    whole.ok ? whole.value : spec.value,
    paths,
    owned.isOurs,
    process.env,
    secret,
    telling,
    onEnded,
  )
  const onExit = startOnExit({
    spec: spec.value,
    paths,
    owner: owned.number,
    isOurs: owned.isOurs,
    env: process.env,
    note: world.note,
    telling,
  })
  delivery = await startCallback({ spec: spec.value, paths, isOurs: owned.isOurs, note: world.note, telling })
  world.note(`chaperone ${owned.number}, pid ${process.pid}`)
  // A state that can't be read is made anew: the launcher knows what is true, and will not run anything twice.
  const state = readState(paths.state)
  if (!state.ok) world.note(`the state can't be read: ${JSON.stringify(state.fault)}; asking the launcher`)
  const job = state.ok
    ? state.value.job
    : { ...newJob, prepared: true, link: { ...newJob.link, generation: owned.number * 1_000_000 } }
  // What a dead one could not tell any more.
  if (state.ok) telling.tell(job)
  // One that an older chap made has no room for records yet, and of a dead chaperone's some may be used up.
  if (owned.previous !== undefined && !job.collected) world.findFull(true)
  // The one that published it may have died over it.
  if (job.phase === 'ended') onEnded(job)
  attendance = attend(world, job)
  onTerm(() => {
    world.note('SIGTERM: leaving; the command goes on')
    onExit.leave()
    delivery?.leave()
    void attendance?.stop()
  })
  startRounds(world, attendance)
  await attendance.over
  // Removed by hand: it takes no one's turn any more.
  if (!existsSync(paths.dir)) duty.begin()
  const failure = await duty.over()
  if (failure !== undefined) world.note(`the group's next jobs were not seen to: ${failure}`)
  await onExit.over()
  await delivery.over()
  await finishLog(world, paths, owned.isOurs)
  // Asked for meanwhile.
  await delivery.over()
}

const finishLog = async (world: World, paths: JobPaths, isOurs: () => boolean): Promise<void> => {
  if (!isOurs()) return
  const state = readState(paths.state)
  if (!state.ok || state.value.job.phase !== 'ended') return
  for (let tries = 0; tries < LOG_TRIES; ) {
    const progress = world.logRest()
    if (progress === 'done') return
    if (progress === 'blocked') tries += 1
    await new Promise<void>((resolve) => void world.after(progress === 'more' ? 1 : 1_000, resolve))
  }
  world.note(`${world.spec.logFile} does not have the last lines`)
}
