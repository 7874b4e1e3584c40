// --on-exit with real jobs: once, with the job's document, whatever dies; here and over ssh.
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobPaths } from '../../src/spool/layout.ts'
import { viewJob } from '../../src/watcher/job-view.ts'
import { viewOnExit } from '../../src/watcher/on-exit.ts'
import { compileSchema, formatSchema } from '../compat/schemas.ts'
import { type ChapResult, chap, startChap } from '../rig/chap.ts'
import { type Draft, localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const run = (...args: readonly string[]): Promise<ChapResult> => chap(args, { spool })
const inspect = async (id: string) => JSON.parse((await run('inspect', '--json', id)).stdout)
const home = (name: string): string => join(spool.home, name)
const readHome = (name: string): string => readFileSync(home(name), 'utf8')
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const kindOf = (id: string): string | undefined => viewOnExit(viewJob(jobPaths(spool.dir, id), Date.now()))?.kind
const untilKind = (id: string, kind: string): Promise<unknown> =>
  until(() => kindOf(id) === kind, { deadline: 20_000, what: `on-exit ${kind}` })

/** Each run of it adds a line to the file `ran`. */
const RAN = 'echo "$CHAP_EXIT_STATUS" >>ran'
/** Goes on until the file `gate` is there. */
const GATED = `${RAN}; until [ -e gate ]; do sleep 0.05; done`

const makeEnded = async (change: Partial<Draft>, argv: readonly [string, ...string[]] = ['true']): Promise<TestJob> => {
  const job = makeJob(spool, localDraft(argv, change))
  await job.takeUp()
  await job.untilState('ended')
  return job
}

test('it gets the job as inspect gives it, and nothing of its environment; its end is recorded and told', async () => {
  const hook =
    'cat >document; env >environment; pwd; ps -o sid= -p $$ >session; echo "$$" >>session; echo words >&2; exit 5'
  const { stdout } = await chap(
    ['start', '--name', 'train', '--env', 'TOKEN', '--env', 'KEY=secret2', '--on-exit', hook, '-c', 'echo out; exit 3'],
    { spool, env: { TOKEN: 'secret1', OTHER: 'kept' } },
  )
  const id = stdout.trim()
  await untilKind(id, 'over')
  const paths = jobPaths(spool.dir, id)
  const later = await inspect(id)
  const document = readJson(home('document'))
  expect(document).toMatchObject({
    ...later,
    chaperone_pid: expect.any(Number),
    link: expect.anything(),
    remote: expect.anything(),
    stdout: { size: 4 },
    on_exit: { command: hook, result: null },
    updated: expect.any(String),
  })
  expect(Object.keys(document)).toEqual(Object.keys(later))
  const env = readHome('environment').split('\n')
  for (const line of [`CHAP_JOB_ID=${id}`, 'CHAP_JOB_NAME=train', 'CHAP_HOST=', 'CHAP_EXIT_STATUS=3', 'OTHER=kept'])
    expect(env).toContain(line)
  expect(`${env}${readHome('document')}`).not.toMatch(/secret[12]/)
  const [session, pid] = readHome('session').trim().split('\n')
  expect(session?.trim()).toBe(pid)
  expect(readFileSync(paths.onExitLog, 'utf8')).toBe(`${spool.home}\nwords\n`)
  expect(later.on_exit).toMatchObject({ result: 'exited', exit_status: 5, signal: null, message: null })
  for (const [name, path] of [
    ['on-exit-claim', paths.onExitClaim],
    ['on-exit', paths.onExit],
  ] as const)
    expect(compileSchema(formatSchema(name))(readJson(path)), name).toBe(true)
  expect((await run('inspect', id)).stdout).toMatch(/^on exit +cat >document.*\n +it ended with 5$/m)
  const told = readFileSync(paths.events, 'utf8')
    .split('\n')
    .filter((line) => line.includes('on_exit_ended'))
  expect(told.map((line) => JSON.parse(line))).toEqual([
    { time: expect.any(String), event: 'on_exit_ended', result: 'exited', exit_status: 5, signal: null, message: null },
  ])
}, 30_000)

test('a job that never began runs it, too', async () => {
  const job = makeJob(spool, localDraft(['true'], { onExit: `${RAN}; cat >document` }))
  job.ask('stop', 'SIGTERM')
  await job.takeUp()
  await untilKind(job.spec.id, 'over')
  expect(readJson(home('document')).outcome).toMatchObject({ kind: 'refused', reason: 'stopped' })
  expect(readHome('ran')).toBe('125\n')
}, 30_000)

test('the chaperone dies before it is begun: recover --all has it run', async () => {
  const job = makeJob(spool, localDraft(['true'], { onExit: RAN }))
  mkdirSync(job.paths.onExitLog) // so it can't begin yet
  await job.takeUp()
  await until(() => job.state().link.state === 'closed', { deadline: 20_000, what: 'the end of all else' })
  expect(kindOf(job.spec.id)).toBe('running')
  await job.killChaperone()
  await untilKind(job.spec.id, 'left')
  expect((await run('inspect', job.spec.id)).stdout).toContain(`chap recover ${job.spec.id} does that`)
  expect((await run('prune', '--older-than', '0s')).stdout).toBe('')
  expect(await run('rm', job.spec.id)).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('chap recover') })
  rmdirSync(job.paths.onExitLog)
  expect((await run('recover', '--all')).exitCode).toBe(0)
  await untilKind(job.spec.id, 'over')
  expect(readHome('ran')).toBe('0\n')
  expect((await inspect(job.spec.id)).on_exit).toMatchObject({ result: 'exited', exit_status: 0 })
}, 60_000)

test('a password is not asked for, where only this is left to do', async () => {
  const job = await makeEnded({})
  await job.untilLeft()
  const spec = readJson(job.paths.spec)
  writeFileSync(job.paths.spec, JSON.stringify({ ...spec, secret: { kind: 'prompt' }, on_exit: RAN }))
  await untilKind(job.spec.id, 'left')
  expect((await run('recover', '--all')).exitCode).toBe(0)
  await untilKind(job.spec.id, 'over')
  expect(readHome('ran')).toBe('0\n')
}, 60_000)

test('the chaperone dies while it runs: it goes on, its end is unknown, and nobody runs it again', async () => {
  const job = await makeEnded({ onExit: GATED })
  const { id } = job.spec
  await until(() => existsSync(home('ran')), { deadline: 20_000, what: 'its beginning' })
  await until(() => job.state().remote.collected, { deadline: 20_000, what: 'collecting, meanwhile' })
  expect(kindOf(id)).toBe('running')
  await job.killChaperone()
  await untilKind(id, 'left')
  for (const _ of [1, 2]) expect((await run('recover', '--all')).exitCode).toBe(0)
  await untilKind(id, 'over')
  expect((await inspect(id)).on_exit).toMatchObject({
    result: 'unknown',
    start_time: expect.any(String),
    end_time: null,
  })
  writeFileSync(home('gate'), '')
  await job.untilLeft()
  expect(readHome('ran')).toBe('0\n')
}, 60_000)

test('the chaperone dies when it is over: nothing is left to do', async () => {
  const job = await makeEnded({ onExit: RAN })
  await untilKind(job.spec.id, 'over')
  await job.killChaperone()
  expect((await run('recover', '--all')).exitCode).toBe(0)
  await job.untilLeft()
  await job.takeUp()
  await job.untilLeft()
  expect(readHome('ran')).toBe('0\n')
  const told = readFileSync(job.paths.events, 'utf8')
    .split('\n')
    .filter((line) => line.includes('on_exit_ended'))
  expect(told).toHaveLength(1)
}, 60_000)

test('while it runs the job is not removed, but by force; then it goes on', async () => {
  const job = await makeEnded({ onExit: `${GATED}; echo over >>ran` })
  const { id } = job.spec
  await until(() => existsSync(home('ran')), { deadline: 20_000, what: 'its beginning' })
  expect(await run('rm', id)).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('--on-exit still runs') })
  expect((await run('prune', '--older-than', '0s')).stdout).toBe('')
  expect((await run('rm', '--force', id)).exitCode).toBe(0)
  expect(existsSync(job.paths.dir)).toBe(false)
  writeFileSync(home('gate'), '')
  await until(() => readHome('ran') === '0\nover\n', { deadline: 20_000, what: 'its end' })
}, 60_000)

test('events shows its end to one that came when all else was over, also when its chaperone dies over it', async () => {
  for (const isKilled of [false, true]) {
    const job = await makeEnded({ onExit: `echo >>ran-${isKilled}; ${GATED}` })
    await until(() => job.state().link.state === 'closed' && existsSync(home(`ran-${isKilled}`)), {
      deadline: 20_000,
      what: 'its run',
    })
    const watcher = startChap(['events', '--json', '--since', '1h', job.spec.id], { spool })
    await until(() => watcher.said().includes('"collected"'), { deadline: 20_000, what: 'what was before' })
    if (isKilled) {
      await job.killChaperone()
      await untilKind(job.spec.id, 'left')
      await run('recover', '--all')
    }
    writeFileSync(home('gate'), '')
    const end = `"result":"${isKilled ? 'unknown' : 'exited'}"`
    await until(() => watcher.said().includes(end), { deadline: 20_000, what: 'its end' })
    rmSync(home('gate'))
    watcher.kill('SIGINT')
    const { stdout } = await watcher.result
    expect(stdout.split('\n').filter((line) => line.includes('on_exit_ended'))).toHaveLength(1)
  }
}, 60_000)

test('an empty line is refused', async () => {
  expect(await run('start', '--on-exit', ' ', '--', 'true')).toMatchObject({ exitCode: 2, stdout: '' })
})

const testReal = testWith('linux', 'ssh', 'sshd')

testReal(
  'over ssh it runs here, with the host in its document',
  async () => {
    const sshd = await startSshd({ host: 'gpu1' })
    try {
      const job = makeJob(
        spool,
        sshDraft(sshd, spool, ['sh', '-c', 'kill -TERM $$'], {
          onExit: `${RAN}; echo "$CHAP_HOST" >>ran; cat >document`,
        }),
      )
      await job.takeUp()
      await untilKind(job.spec.id, 'over')
      await job.untilLeft()
      expect(readHome('ran')).toBe('143\ngpu1\n')
      expect(readJson(home('document'))).toMatchObject({
        id: job.spec.id,
        host: 'gpu1',
        verdict: 'ended',
        exit_status: 143,
      })
    } finally {
      await sshd.stop()
    }
  },
  60_000,
)
