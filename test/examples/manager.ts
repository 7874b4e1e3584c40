/** A manager: adds commands, lists those that are active and what ended abnormally, and stops them all. */
import { type Command, history, isProblem, kill, list, type Problem, start, wait } from 'chap-jobs'

const label = { manager: String(process.pid) }
const since = Date.now()

const need = <T>(result: T | Problem): T => {
  if (isProblem(result)) throw new Error(`${result.code}: ${JSON.stringify(result)}`)
  return result
}

const add = async (command: Command): Promise<string> => need(await start({ ...command, label })).id

/** The jobs are on disk: another process, or this one after a crash, sees the same. */
const listActive = async (): Promise<string[]> =>
  need(await list({ label })).flatMap(({ id, verdict }) => (verdict === 'ended' ? [] : [id]))
/** Of jobs that were removed, too. */
const listAbnormal = async (): Promise<string[]> =>
  need(await history({ since })).map(
    ({ job, run, how }) => `${names.get(job)} ${run === null ? '' : `run ${run} `}${how}`,
  )
const stopAll = async () => Promise.all((await listActive()).map((id) => kill(id)))

const names = new Map<string, string>()
const good = await add({ program: ['true'] })
const late = await add({ program: ['sleep', '1000'], timeout: 1_000 })
const series = await add({ program: 'exit $((CHAP_RUN == 2))', every: 1_000, count: 3 })
const forever = await add({ program: ['sleep', '1000'] })
for (const [id, name] of Object.entries({ [late]: 'late', [series]: 'series', [forever]: 'forever' }))
  names.set(id, name)

await wait([good, late, series])
console.log('active:', (await listActive()).map((id) => names.get(id)).join())
console.log('abnormal:', (await listAbnormal()).sort().join())
await stopAll()
console.log('active:', (await listActive()).join())
console.log('abnormal:', (await listAbnormal()).sort().join())
