/**
 * A scheduler that may die at any moment. All that it keeps is a list of ids; called again, it starts by document what is not
 * there yet (a document whose id is there already is the same job), and collects each output and outcome once: in four ways, of which a real one needs one.
 *
 *     node scheduler.js DIR COUNT PORT [HOST SSH_CONFIG]
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createReceiver } from './receiver.ts'

const [dir = '', count = '', port = '', host, sshConfig] = process.argv.slice(2)
const WAYS = ['poll', 'wait', 'events', 'callback'] as const
/** Starts at once. */
const STARTS = 6
/** Milliseconds between two looks of the polling. */
const POLL_MS = 1_000
const token = 'a-token-for-the-receiver'
const spool = process.env['CHAP_SPOOL'] ?? ''

/** The program of chap, in PATH. */
const spawnChap = (args: readonly string[], input = '') => {
  const child = spawn('chap', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  // It may have ended without reading.
  child.stdin.on('error', () => undefined).end(input)
  return child
}

const chap = async (args: readonly string[], input?: string): Promise<{ status: number | null; said: string }> => {
  const child = spawnChap(args, input)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, said: Buffer.concat(chunks).toString() }
}

const readIds = (): string[] => {
  const path = join(dir, 'ids')
  if (!existsSync(path)) {
    const ids = Array.from({ length: Number(count) }, (_, n) => `job${n}x${randomInt(1e9)}`)
    writeFileSync(`${path}.new`, ids.join('\n'))
    renameSync(`${path}.new`, path)
  }
  return readFileSync(path, 'utf8').split('\n')
}

/** The same for an id whenever it is asked for. Every tenth runs over ssh. */
const documentOf = (id: string, index: number): object => ({
  id,
  ...(host !== undefined && index % 10 === 0 ? { host, route: { ssh_config: sshConfig } } : {}),
  program: {
    command: `echo begun >>'${dir}/begun/${id}'; for i in 1 2 3 4 5; do echo "${id} $i"; sleep 0.1; done; exit ${index % 7}`,
    cwd: '/',
  },
  callback: { url: `http://127.0.0.1:${port}/jobs/${id}`, token },
  config: { retry_frequency: 1, output_latency: 0.2 },
})

/** A name is made once: whoever comes second, in this life or the next, finds that it is there. */
const record = (way: (typeof WAYS)[number], id: string, result: { exit_status: number; stdout: string }): void => {
  const path = join(dir, way, id)
  if (existsSync(path)) return
  writeFileSync(`${path}.new`, JSON.stringify(result))
  linkSync(`${path}.new`, path)
  rmSync(`${path}.new`)
}

/** A job that has ended has all its output in the spool. */
const recordEnd = (way: (typeof WAYS)[number], id: string, status: number): void =>
  record(way, id, { exit_status: status, stdout: readFileSync(join(spool, 'jobs', id, 'stdout'), 'utf8') })

const ids = readIds()
for (const folder of [...WAYS, 'begun', 'received']) mkdirSync(join(dir, folder), { recursive: true })
const missing = (way: (typeof WAYS)[number]): string[] => {
  const there = new Set(readdirSync(join(dir, way)))
  return ids.filter((id) => !there.has(id))
}

/** Those that are not there; and those that nobody attends to, since a start may have been killed at any point: asked again, it is made good. */
const startAll = async (): Promise<void> => {
  const { said } = await chap(['ls', '--all', '--json'])
  const isGood = ({ verdict }: { verdict: string }): boolean => verdict === 'attended' || verdict === 'ended'
  const there = new Set(
    JSON.parse(said)
      .filter(isGood)
      .map(({ id }: { id: string }) => id),
  )
  const left = [...ids.entries()].filter(([, id]) => !there.has(id)).values()
  const startNext = async (): Promise<void> => {
    for (const [index, id] of left) {
      const { status, said: answer } = await chap(
        ['start', '--spec', '-', '--no-wait'],
        JSON.stringify(documentOf(id, index)),
      )
      if (status !== 0) throw new Error(`chap start of ${id} exited with ${status}: ${answer}`)
    }
  }
  await Promise.all(Array.from({ length: STARTS }, startNext))
}

const poll = async (): Promise<void> => {
  for (let left = missing('poll'); left.length > 0; left = missing('poll')) {
    const { said } = await chap(['inspect', '--json', ...left])
    const seen = left.length === 1 ? [JSON.parse(said)] : JSON.parse(said)
    for (const { id, exit_status: status } of seen) if (status !== null) recordEnd('poll', id, status)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const wait = async (): Promise<void> => {
  const left = missing('wait')
  if (left.length === 0) return
  const { said } = await chap(['wait', '--json', ...left])
  for (const { id, exit_status: status } of JSON.parse(said)) recordEnd('wait', id, status)
}

/** From the beginning on: what was told before this life is told again. */
const listen = async (): Promise<void> => {
  const left = new Set(missing('events'))
  if (left.size === 0) return
  const child = spawnChap(['events', '--json', '--since', '1d'])
  for await (const line of createInterface({ input: child.stdout })) {
    const { job, event, exit_status: status } = JSON.parse(line)
    if (event !== 'ended' || !left.delete(job)) continue
    recordEnd('events', job, status)
    if (left.size === 0) break
  }
  child.kill()
}

/** What was received lies on disk: files say when a job is completed, in this life or before it. */
const receive = (): Promise<void> =>
  new Promise((resolve) => {
    const server = createReceiver(join(dir, 'received'), token).listen(Number(port), '127.0.0.1')
    const look = (): void => {
      for (const id of missing('callback')) {
        const completed = join(dir, 'received', id, 'completed.json')
        if (!existsSync(completed)) continue
        const { exit_status: status } = JSON.parse(readFileSync(completed, 'utf8'))
        record('callback', id, {
          exit_status: status,
          stdout: readFileSync(join(dir, 'received', id, 'stdout'), 'utf8'),
        })
      }
      if (missing('callback').length > 0) return
      clearInterval(timer)
      server.close(() => resolve())
      server.closeAllConnections()
    }
    const timer = setInterval(look, POLL_MS)
  })

await Promise.all([receive(), listen(), startAll().then(() => Promise.all([poll(), wait()]))])
