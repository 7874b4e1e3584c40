/** chap events: each change of each job once, whatever comes and goes under it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap, type RunningChap, startChap } from '../rig/chap.ts'
import { localDraft, makeJob } from '../rig/job.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool
let watcher: RunningChap | undefined

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  watcher?.kill('SIGKILL')
  await watcher?.result
  watcher = undefined
  await cleanUp(spool)
})

interface Line {
  readonly job: string
  readonly event: string
  readonly stdout?: number
}

const said = (): Line[] =>
  (watcher?.said() ?? '')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const kindsOf = (id: string): string[] => said().flatMap(({ job, event }) => (job === id ? [event] : []))

const untilSaid = (id: string, event: string): Promise<unknown> =>
  until(() => kindsOf(id).includes(event), { deadline: 30_000, what: `${event} of ${id}` })

test('in a spool that is made later, among garbage, until its jobs are removed', async () => {
  // --since: on a busy machine the job may be quicker than its watcher.
  watcher = startChap(['events', '--json', '--since', '1h'], { spool })
  const first = (await chap(['start', '-c', 'echo some'], { spool })).stdout.trim()
  await untilSaid(first, 'collected')
  // Output is seen in the file, the others by their lines: which comes first, nobody knows.
  expect(kindsOf(first).filter((event) => event !== 'output_grew')).toEqual([
    'created',
    'started',
    'ended',
    'collected',
  ])
  mkdirSync(join(spool.dir, 'jobs', 'garbage'))
  writeFileSync(join(spool.dir, 'jobs', 'garbage', 'events'), '\u0000\n{"time":3}\n[]\n')
  writeFileSync(join(spool.dir, 'jobs', 'file'), '')
  const second = (await chap(['start', '-c', 'exit 3'], { spool })).stdout.trim()
  await untilSaid(second, 'collected')
  await chap(['rm', first], { spool })
  await untilSaid(first, 'removed')
  expect(kindsOf(first).filter((event) => event === 'removed')).toHaveLength(1)
  expect((await chap(['prune', '--older-than', '0s'], { spool })).stdout.trim()).toBe(second)
  await untilSaid(second, 'removed')
  rmSync(spool.dir, { recursive: true })
  const third = (await chap(['start', '--', 'true'], { spool })).stdout.trim()
  await untilSaid(third, 'collected')
  expect(kindsOf(third)).toEqual(['created', 'started', 'ended', 'collected'])
}, 60_000)

test('its chaperone is killed in the middle: orphaned, recovered, and nothing told twice', async () => {
  watcher = startChap(['events', '--json', '--since', '1h'], { spool })
  const gate = join(spool.root, 'gate')
  const job = makeJob(spool, localDraft(['sh', '-c', `until [ -e ${gate} ]; do sleep 0.05; done`]))
  const { id } = job.spec
  await job.takeUp()
  await job.untilState('running')
  await untilSaid(id, 'started')
  await job.killChaperone()
  await untilSaid(id, 'orphaned')
  job.ask('signal', 'SIGCONT')
  await job.takeUp()
  await untilSaid(id, 'signal_sent')
  writeFileSync(gate, '')
  await job.untilLeft()
  await untilSaid(id, 'collected')
  expect(kindsOf(id)).toEqual([
    'created',
    'started',
    'orphaned',
    'recovered',
    'signal_asked',
    'signal_sent',
    'ended',
    'collected',
  ])
}, 60_000)

test('--since tells what happened, by time, then goes on; only of the jobs that are named', async () => {
  const [one = '', two = ''] = await Promise.all(
    [1, 2].map(async (code) => (await chap(['start', '-c', `exit ${code}`], { spool })).stdout.trim()),
  )
  await chap(['wait', one, two], { spool })
  await until(async () => (await chap(['inspect', one, '--json'], { spool })).stdout.includes('"closed"'), {
    deadline: 20_000,
  })
  watcher = startChap(['events', '--json', '--since', '1h', one], { spool })
  await untilSaid(one, 'collected')
  await chap(['rm', one], { spool })
  await untilSaid(one, 'removed')
  expect(kindsOf(one)).toEqual(['created', 'started', 'ended', 'collected', 'removed'])
  expect(kindsOf(two)).toEqual([])
  const wrong = await chap(['events', '--since', 'yesterday'], { spool })
  expect(wrong.exitCode).toBe(2)
}, 60_000)
