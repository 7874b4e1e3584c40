// Callbacks with real jobs: the receiver ends with each byte once, whatever fails; and the token is nowhere but in the requests.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Callback } from '../../src/domain/spec.ts'
import { readDelivery } from '../../src/spool/callback.ts'
import type { DeliveryRecord } from '../../src/spool/callback-schema.ts'
import { readOwner } from '../../src/spool/chaperones.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { compileSchema, formatSchema } from '../compat/schemas.ts'
import { type ChapResult, chap, startChap } from '../rig/chap.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { pickPort } from '../rig/ports.ts'
import { isAlive } from '../rig/processes.ts'
import { type Receiver, startReceiver, TOKEN } from '../rig/receiver.ts'
import { testWith } from '../rig/requires.ts'
import { expectNowhere } from '../rig/secret.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { until, untilSeen } from '../rig/until.ts'

let spool: Spool
let receiver: Receiver
beforeEach(async () => {
  spool = await makeSpool()
  receiver = await startReceiver(join(spool.root, 'received'))
})
afterEach(async () => {
  await receiver.down()
  await cleanUp(spool)
})

const run = (...args: readonly string[]): Promise<ChapResult> => chap(args, { spool })
const inspect = async (id: string) => JSON.parse((await run('inspect', '--json', id)).stdout)
const recordOf = (paths: JobPaths): DeliveryRecord | undefined => {
  const read = readDelivery(paths)
  return read.ok ? read.value : undefined
}
const untilRecord = (
  paths: JobPaths,
  isWanted: (record: DeliveryRecord) => boolean,
): Promise<DeliveryRecord | undefined> =>
  untilSeen(
    () => recordOf(paths),
    (record) => record !== undefined && isWanted(record),
    { deadline: 20_000, what: 'the delivery' },
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${readFileSync(paths.log, 'utf8')}`)
  })
const untilResult = (paths: JobPaths, result: DeliveryRecord['result']) =>
  untilRecord(paths, (record) => record.result === result)

const callbackTo = (url: string, change: Partial<Callback> = {}): Callback => ({
  ...{ url, method: 'POST', ca: null, retryFrequency: 0.1, timeout: 60, outputBuffer: 65_536, outputLatency: 0.1 },
  ...change,
})
const begin = async (line: string, change: Partial<Callback> = {}): Promise<TestJob> => {
  const job = makeJob(
    spool,
    localDraft(['sh', '-c', line], {
      cwd: spool.home,
      callback: callbackTo(receiver.url, change),
      callbackToken: TOKEN,
    }),
  )
  await job.takeUp()
  return job
}
const requestsTo = (end: string): number => receiver.seen.filter(({ url }) => url.endsWith(end)).length

test('output and end are delivered with the token, which is nowhere else and then gone; a slow job in pieces', async () => {
  const tokenFile = join(spool.root, 'token')
  writeFileSync(tokenFile, `${TOKEN}\n`)
  const script = 'printf one; echo err >&2; until [ -e gate ]; do sleep 0.05; done; echo two; env >env; exit 3'
  const started = await run(
    ...['start', '--callback', receiver.url, '--callback-token-file', tokenFile, '--callback-latency', '100ms'],
    ...['--', 'sh', '-c', script],
  )
  expect(started).toMatchObject({ exitCode: 0, stderr: '' })
  const id = started.stdout.trim()
  const paths = jobPaths(spool.dir, id)
  await until(() => receiver.has(id).stdout === 'one' && receiver.has(id).stderr === 'err\n', {
    deadline: 20_000,
    what: 'the first piece',
  })
  expect(statSync(paths.callbackToken).mode & 0o777).toBe(0o600)
  // Its own file, the one it came from, and what the receiver itself was asked with.
  expect(readFileSync(paths.callbackToken, 'utf8')).toBe(`${TOKEN}\n`)
  writeFileSync(join(spool.home, 'gate'), '')
  await untilResult(paths, 'delivered')
  await until(() => !existsSync(paths.callbackToken), { deadline: 20_000, what: 'the end of the token' })
  writeFileSync(tokenFile, '')
  expectNowhere(TOKEN, [spool.root])
  const { stdout, completed } = receiver.has(id)
  expect(stdout).toBe('onetwo\n')
  expect(completed).toMatchObject({ id, state: 'ended', exit_status: 3, stdout: { size: 7 }, stderr: { size: 4 } })
  const pieces = receiver.seen.filter(({ url }) => url === `/jobs/${id}/output/stdout`)
  expect(
    pieces.map(({ headers }) => [
      headers['chap-offset'],
      headers['chap-total'],
      headers['chap-final'],
      headers['chap-job'],
    ]),
  ).toEqual([
    ['0', '3', 'false', id],
    ['3', '7', expect.stringMatching('true|false'), id],
  ])
  expect(
    receiver.seen.every(({ method, headers }) => method === 'POST' && headers.authorization === `Bearer ${TOKEN}`),
  ).toBe(true)
  expect(receiver.seen.at(-1)?.url).toBe(`/jobs/${id}/completed`)
  expect(compileSchema(formatSchema('delivery'))(JSON.parse(readFileSync(paths.callback, 'utf8')))).toBe(true)
}, 30_000)

test('a job without output sends nothing but its end, by the method that is asked for', async () => {
  const job = await begin('exit 0', { method: 'GET' })
  await untilResult(job.paths, 'delivered')
  expect(receiver.seen.map(({ url, method }) => `${method} ${url}`)).toEqual([`GET /jobs/${job.spec.id}/completed`])
  await job.untilLeft()
}, 30_000)

test('401 is final: said, and all is kept until somebody asks again', async () => {
  const status = 401
  receiver.fault = (request, response) => {
    request.resume()
    response.writeHead(status).end(`no, ${TOKEN}`)
    return true
  }
  const job = await begin('echo out')
  const { id } = job.spec
  expect(await untilResult(job.paths, 'undelivered')).toMatchObject({
    stdout: 0,
    fault: { code: 'refused', evidence: expect.stringContaining(`HTTP ${status}`) },
  })
  await job.untilLeft()
  expect(receiver.seen).toHaveLength(1)
  expect(existsSync(job.paths.callbackToken)).toBe(true)
  expect((await inspect(id)).callback).toMatchObject({ result: 'undelivered', fault: { code: 'refused' }, stdout: 0 })
  expect((await run('inspect', id)).stdout).toMatch(
    new RegExp(`^callback +http.*\\n +undelivered: .*HTTP ${status}.*chap deliver ${id}`, 'm'),
  )
  expect((await run('ls', '--filter', 'callback=undelivered', '--format', '{id} {callback}')).stdout).toBe(
    `${id} undelivered\n`,
  )
  expect((await run('prune', '--older-than', '0s')).stdout).toBe('')
  expect(await run('rm', id)).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('chap deliver') })
  expect(await run('deliver', id)).toMatchObject({ exitCode: 125, stderr: expect.stringContaining(`HTTP ${status}`) })
  receiver.fault = undefined
  const watching = startChap(['events', '--since', '1h', id], { spool })
  await until(() => watching.said().includes(`${id}: callback given up: the receiver refuses it`), {
    deadline: 20_000,
    what: 'the event',
  })
  expect(await run('deliver', id)).toMatchObject({ exitCode: 0 })
  await until(() => watching.said().endsWith(`${id}: callback delivered\n`), { deadline: 20_000, what: 'the event' })
  watching.kill('SIGTERM')
  await watching.result
  expect(receiver.has(id)).toMatchObject({ stdout: 'out\n', completed: { exit_status: 0 } })
  expect(existsSync(job.paths.callbackToken)).toBe(false)
  await job.untilLeft()
  expect((await run('rm', id)).exitCode).toBe(0)
}, 60_000)

test('deliver of running jobs says what came of it, and of one that waits for its turn that it is to come', async () => {
  receiver.fault = (request, response) => {
    request.resume()
    response.writeHead(401).end()
    return true
  }
  const job = await begin('echo out; until [ -e gate ]; do sleep 0.05; done')
  const group = { id: 'group7', size: 1, index: 0, maxParallel: 1, failFast: false, retryOf: null }
  const queued = makeJob(
    spool,
    localDraft(['true'], { callback: callbackTo(receiver.url), callbackToken: TOKEN, group }),
  )
  await untilResult(job.paths, 'undelivered')
  const asked = await run('deliver', '--all')
  expect(asked).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('HTTP 401') })
  expect(asked.stderr).toContain(`${queued.spec.id}: it is tried`)
  expect(existsSync(queued.paths.callbackAgain)).toBe(false)
  expect(receiver.seen).toHaveLength(2)
  receiver.fault = undefined
  expect(await run('deliver', job.spec.id)).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('it is tried'),
  })
  expect(receiver.has(job.spec.id).stdout).toBe('out\n')
  writeFileSync(join(spool.home, 'gate'), '')
  await untilResult(job.paths, 'delivered')
  await job.untilLeft()
}, 60_000)

test('503, a Retry-After, cut bodies, cut answers and a receiver that is down are tried again; the job has ended long before', async () => {
  await receiver.down()
  const job = await begin('seq 1 20000; echo err >&2; exit 4')
  await job.untilState('ended')
  expect((await run('wait', job.spec.id)).exitCode).toBe(4)
  await untilRecord(job.paths, ({ fault }) => fault?.code === 'unreachable')
  expect((await inspect(job.spec.id)).callback).toMatchObject({
    result: 'pending',
    fault: { code: 'unreachable' },
    next_try: expect.any(String),
  })
  expect((await run('inspect', job.spec.id)).stdout).toMatch(
    /^callback +http.*\n +pending: 106K to go; .*ECONNREFUSED/m,
  )
  const faults: Receiver['fault'][] = [
    (_, response) => !!response.writeHead(503).end(),
    (_, response) => !!response.writeHead(429, { 'retry-after': '1' }).end(),
    (request) => !!request.once('data', () => request.socket.destroy()),
    // It is stored, and nobody hears of it.
    (request, response) => {
      request.once('close', () => undefined)
      response.writeHead = () => response.destroy() as never
      return false
    },
  ]
  receiver.fault = (request, response) => faults.shift()?.(request, response) ?? false
  await receiver.up()
  await untilResult(job.paths, 'delivered')
  const has = receiver.has(job.spec.id)
  expect(has.stdout).toBe(readFileSync(job.paths.stdout, 'latin1'))
  expect(has).toMatchObject({ stderr: 'err\n', completed: { exit_status: 4 } })
  expect(faults).toEqual([])
  await job.untilLeft()
}, 60_000)

test('when the time is over it is undelivered, and the bytes are kept', async () => {
  await receiver.down()
  const job = await begin('echo out', { timeout: 0.5 })
  expect(await untilResult(job.paths, 'undelivered')).toMatchObject({
    fault: { code: 'unreachable' },
    failing: expect.closeTo(0.5, 0),
  })
  await job.untilLeft()
  await receiver.up()
  expect((await run('deliver', job.spec.id)).exitCode).toBe(0)
  expect(receiver.has(job.spec.id).stdout).toBe('out\n')
}, 30_000)

test('307 is followed with method and body, and the token stays at its origin; 302 is final', async () => {
  const port = await pickPort()
  const other: string[] = []
  const foreign = createServer((request, response) => {
    other.push(request.headers.authorization ?? 'none')
    request.resume()
    response.writeHead(204).end()
  })
  foreign.listen(port, 'localhost')
  receiver.fault = (request, response) => {
    const url = request.url ?? ''
    if (url.startsWith('/again')) {
      request.url = url.slice('/again'.length)
      return false
    }
    request.resume()
    const to = url.endsWith('completed') ? `http://localhost:${port}/completed` : `/again${url}`
    response.writeHead(request.method === 'PUT' ? 302 : 307, { location: to }).end()
    return true
  }
  try {
    const job = await begin('echo out')
    await untilResult(job.paths, 'delivered')
    expect(receiver.has(job.spec.id).stdout).toBe('out\n')
    expect(other).toEqual(['none'])
    const moved = await begin('echo out', { method: 'PUT' })
    expect(await untilResult(moved.paths, 'undelivered')).toMatchObject({
      fault: { code: 'redirect', evidence: expect.stringContaining('HTTP 302') },
    })
  } finally {
    foreign.close()
    foreign.closeAllConnections()
  }
}, 30_000)

test('a job that is removed by force while its end is sent: another one under its id gets nothing of it, and its chaperone goes', async () => {
  const held: (() => void)[] = []
  receiver.fault = (request, response) => {
    if (held.length > 0) return false
    request.resume()
    held.push(() => response.writeHead(204).end())
    return true
  }
  const tokenFile = join(spool.root, 'token')
  writeFileSync(tokenFile, TOKEN)
  const start = (line: string) =>
    run(
      ...['start', '--id', 'run42', '--callback', receiver.url, '--callback-token-file', tokenFile],
      ...['--callback-latency', '100ms', '--', 'sh', '-c', line],
    )
  expect((await start('exit 3')).exitCode).toBe(0)
  const paths = jobPaths(spool.dir, 'run42')
  await until(() => held.length === 1, { deadline: 20_000, what: 'the request about its end' })
  const old = readOwner(paths)?.identity
  expect((await run('rm', '--force', 'run42')).exitCode).toBe(0)
  expect((await start('echo half; until [ -e gate ]; do sleep 0.05; done; echo whole')).exitCode).toBe(0)
  held[0]?.()
  await until(() => !isAlive(old?.pid ?? 0, Number(old?.startTime)), { deadline: 20_000, what: 'its end' })
  await until(() => receiver.has('run42').stdout === 'half\n', { deadline: 20_000, what: 'the first half' })
  expect(existsSync(paths.callbackToken)).toBe(true)
  expect(receiver.seen.slice(1).map(({ url, headers }) => [url, headers['chap-final']])).toEqual([
    ['/jobs/run42/output/stdout', 'false'],
  ])
  writeFileSync(join(spool.home, 'gate'), '')
  await untilResult(paths, 'delivered')
  expect(receiver.has('run42')).toMatchObject({ stdout: 'half\nwhole\n', completed: { exit_status: 0 } })
}, 60_000)

const kill = async (job: TestJob): Promise<void> => {
  await job.killChaperone()
  await job.takeUp()
}

test('a chaperone that is killed in the middle of it, before the end and after, is followed by one that goes on', async () => {
  const stopped: (() => void)[] = []
  let passes = 1
  receiver.fault = (_, response) => {
    if (passes-- > 0) return false
    stopped.push(() => response.destroy())
    return true
  }
  const job = await begin('seq 1 1500000; until [ -e gate ]; do sleep 0.05; done; echo over', { outputBuffer: 4096 })
  await until(() => stopped.length > 0, { deadline: 20_000, what: 'a request that is not answered' })
  passes = 1
  await kill(job)
  await until(() => stopped.length > 1, { deadline: 20_000, what: 'another one' })
  writeFileSync(join(spool.home, 'gate'), '')
  await job.untilState('ended')
  await job.killChaperone()
  receiver.fault = undefined
  expect((await run('inspect', job.spec.id)).stdout).toContain(`chap recover ${job.spec.id}`)
  expect((await run('recover', '--all')).exitCode).toBe(0)
  await untilResult(job.paths, 'delivered')
  expect(receiver.has(job.spec.id).stdout === readFileSync(job.paths.stdout, 'latin1')).toBe(true)
  expect(requestsTo('/completed')).toBe(1)
  await job.untilLeft()
}, 60_000)

const testTls = testWith('linux', 'openssl')

testTls(
  'https with a CA of its own; another one is said, and tried again',
  async () => {
    const { makeAuthority } = await import('../rig/authority.ts')
    const [own, wrong] = [makeAuthority(join(spool.root, 'own')), makeAuthority(join(spool.root, 'wrong'))]
    const secure = await startReceiver(join(spool.root, 'secure'), own)
    try {
      const draft = (ca: string | null) =>
        localDraft(['echo', 'out'], { callback: callbackTo(secure.url, { ca }), callbackToken: TOKEN })
      const tokenFile = join(spool.root, 'token')
      writeFileSync(tokenFile, TOKEN)
      const good = makeJob(spool, draft(own.ca))
      const bad = makeJob(spool, draft(wrong.ca))
      const none = makeJob(spool, draft(null))
      for (const job of [good, bad, none]) await job.takeUp()
      // The system's, for once.
      const env = { SSL_CERT_FILE: own.ca }
      const trusting = await chap(
        ['start', '--callback', secure.url, '--callback-token-file', tokenFile, '--', 'echo', 'out'],
        { spool, env },
      )
      await untilResult(good.paths, 'delivered')
      expect(secure.has(good.spec.id)).toMatchObject({ stdout: 'out\n', completed: { exit_status: 0 } })
      await untilResult(jobPaths(spool.dir, trusting.stdout.trim()), 'delivered')
      for (const { paths } of [bad, none])
        expect(await untilRecord(paths, ({ failures }) => failures > 1)).toMatchObject({
          result: 'pending',
          fault: { code: 'tls' },
        })
      writeFileSync(wrong.ca, readFileSync(own.ca))
      await untilResult(bad.paths, 'delivered')
    } finally {
      await secure.down()
    }
  },
  60_000,
)

test('a group needs a URL for each of its jobs, and what is about a callback needs one', async () => {
  const group = await run('start', '--host', 'a,b', '--callback', 'http://localhost/', '--', 'true')
  expect(group).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('{id}') })
  const stray = await run('start', '--callback-latency', '1s', '--', 'true')
  expect(stray).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--callback-latency') })
})

const testReal = testWith('linux', 'ssh', 'sshd')

testReal(
  'over ssh, whose link is cut meanwhile',
  async () => {
    const sshd = await startSshd({ host: 'gpu1' })
    try {
      const line = 'seq 1 5000; until [ -e gate ]; do sleep 0.05; done; seq 5000 10000; echo err >&2; exit 7'
      const job = makeJob(
        spool,
        sshDraft(sshd, spool, ['sh', '-c', line], {
          cwd: spool.home,
          callback: callbackTo(receiver.url),
          callbackToken: TOKEN,
        }),
      )
      await job.takeUp()
      await until(() => receiver.has(job.spec.id).stdout.endsWith('\n5000\n'), {
        deadline: 20_000,
        what: 'the first part',
      })
      const [ssh] = job.linkProcesses()
      process.kill(ssh?.pid ?? 0, 'SIGKILL')
      writeFileSync(join(spool.home, 'gate'), '')
      await untilResult(job.paths, 'delivered')
      expect(receiver.has(job.spec.id)).toMatchObject({ stderr: 'err\n', completed: { exit_status: 7, host: 'gpu1' } })
      expect(receiver.has(job.spec.id).stdout === readFileSync(job.paths.stdout, 'latin1')).toBe(true)
      await job.untilLeft()
    } finally {
      await sshd.stop()
    }
  },
  60_000,
)
