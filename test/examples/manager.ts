/** A manager: adds commands, lists those that are active and those that ended abnormally, and stops them all. */
import { type Command, find, isProblem, type JobView, kill, list, outcomeOf, start, wait } from 'chap-jobs'

const label = { manager: String(process.pid) }

const add = async (command: Command): Promise<string> => {
  const job = await start({ ...command, label })
  if (isProblem(job)) throw new Error(`${job.code}: ${JSON.stringify(job)}`)
  return job.id
}

/** The jobs are on disk: another process, or this one after a crash, sees the same. */
const jobs = async (): Promise<JobView[]> => {
  const found = await list({ label })
  if (isProblem(found)) throw new Error(found.code)
  return found
}

const isAbnormal = ({ state }: JobView): boolean => {
  const outcome = state.ok ? outcomeOf(state.value.job) : null
  return outcome !== null && !(outcome.kind === 'exited' && outcome.code === 0)
}

const listActive = async () => (await jobs()).filter(({ verdict }) => verdict !== 'ended').map(({ id }) => id)
const listAbnormal = async () => (await jobs()).filter(isAbnormal).map(({ id }) => id)
const stopAll = async () => Promise.all((await listActive()).map((id) => kill(id)))

const forever = await add({ program: ['sleep', '1000'] })
const good = await add({ program: ['true'] })
const late = await add({ program: ['sleep', '1000'], timeout: 1_000 })
await wait([good, late])
console.log(
  'active:',
  (await listActive()).map((id) => id === forever),
)
console.log(
  'abnormal:',
  (await listAbnormal()).map((id) => id === late),
)
await stopAll()
console.log('active:', await listActive())
const stopped = await find(forever)
console.log('stopped:', !isProblem(stopped) && isAbnormal(stopped))
