// Random faults of receiver, chaperone and link, one after the other, while a job over ssh writes; then all of it is compared.
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readDelivery } from '../../src/spool/callback.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { type Receiver, startReceiver, TOKEN } from '../rig/receiver.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { until, untilSeen } from '../rig/until.ts'
import { startRandom } from '../simulation/random.ts'

export interface FaultReport {
  readonly seed: number
  readonly faults: Readonly<Record<string, number>>
  readonly bytes: number
  readonly requests: number
  readonly seconds: number
}

/** Faults for each job. */
const PER_JOB = 25
/** Lines with their numbers on both streams, until it may end: what is missing or twice is seen in them. */
const WRITER = `i=1; until [ -e "$1" ]; do seq $i $((i + 199)); seq $i $((i + 19)) >&2; i=$((i + 200)); sleep 0.02; done; exit 3`

type Fault = (request: IncomingMessage, response: ServerResponse) => boolean

/** Such requests, so many in a row; the others are taken. */
const inRow = (receiver: Receiver, count: number, fault: Fault): void => {
  let left = count
  receiver.fault = (request, response) => {
    if (left === 0) return false
    left -= 1
    return fault(request, response)
  }
}

export const playFaults = async (count: number, seed: number): Promise<FaultReport> => {
  const random = startRandom(seed).int
  const begun = performance.now()
  const sshd = await startSshd({ proxied: true })
  const spool = await makeSpool()
  const received = join(spool.root, 'received')
  const receiver = await startReceiver(received)
  const faults: Record<string, number> = {}
  let [bytes, done] = [0, 0]

  const play: Readonly<Record<string, (job: TestJob) => Promise<void> | void>> = {
    down: async () => {
      await receiver.down()
      await pause(random(200))
      await receiver.up()
    },
    slow: () =>
      inRow(receiver, 2, (request, response) => {
        const end = response.end.bind(response)
        // @ts-expect-error its overloads
        response.end = (...args: unknown[]) => setTimeout(() => end(...args), 20 + random(100))
        request.pause()
        setTimeout(() => request.resume(), random(50))
        return false
      }),
    error: () =>
      inRow(receiver, 1 + random(3), (request, response) => {
        request.resume()
        response.writeHead([500, 502, 503, 429][random(4)] ?? 500).end()
        return true
      }),
    cutBody: () => inRow(receiver, 1, (request) => !!request.once('data', () => request.socket.destroy())),
    // It is stored, and nobody hears of it.
    cutAnswer: () =>
      inRow(receiver, 1, (_, response) => {
        response.writeHead = () => response.destroy() as never
        return false
      }),
    chaperoneKilled: async (job) => {
      await job.killChaperone()
      await job.takeUp()
    },
    linkCut: () => sshd.proxy?.reset(),
    // The last of it was not on its disk yet when it lost power. What it has said to have whole, it has.
    receiverSetBack: (job) => {
      const path = join(received, job.spec.id, 'stdout')
      if (existsSync(path) && receiver.has(job.spec.id).completed === null)
        truncateSync(path, Math.floor((statSync(path).size * (90 + random(10))) / 100))
    },
  }
  const names = Object.keys(play)

  const playJob = async (): Promise<void> => {
    const gate = join(spool.root, `gate-${done}`)
    const callback = {
      ...{ url: receiver.url, method: 'POST', ca: null, retryFrequency: 0.03, timeout: 600 },
      ...{ outputBuffer: 1 + random(8192), outputLatency: random(2) / 20 },
    }
    const draft = sshDraft(sshd, spool, ['sh', '-c', WRITER, 'sh', gate], { callback, callbackToken: TOKEN })
    const job = makeJob(spool, draft)
    await job.takeUp()
    for (let played = 0; played < PER_JOB && done < count; played += 1) {
      // The last of them after the job's end.
      if (played === PER_JOB - 3) writeFileSync(gate, '')
      if (isDelivered(job)) break
      const name = names[random(names.length)] ?? 'down'
      const enough = receiver.seen.length + random(3)
      await play[name]?.(job)
      faults[name] = (faults[name] ?? 0) + 1
      done += 1
      await until(() => receiver.seen.length > enough || isDelivered(job), {
        deadline: 30_000,
        what: `a request after ${name}`,
      })
    }
    writeFileSync(gate, '')
    await untilSeen(
      () => readDelivery(job.paths),
      () => isDelivered(job),
      { deadline: 60_000, what: 'the delivery' },
    )
    await job.untilLeft(60_000)
    receiver.fault = undefined
    bytes += check(receiver, job)
  }

  try {
    while (done < count) {
      try {
        await playJob()
      } catch (error) {
        throw new Error(`seed ${seed}, after ${done} faults: ${(error as Error).message}`, { cause: error })
      }
    }
    return {
      seed,
      faults,
      bytes,
      requests: receiver.seen.length,
      seconds: Math.round((performance.now() - begun) / 1000),
    }
  } finally {
    await receiver.down()
    await cleanUp(spool)
    await sshd.stop()
  }
}

const isDelivered = (job: TestJob): boolean => {
  const read = readDelivery(job.paths)
  return read.ok && read.value.result === 'delivered'
}

/** @returns bytes @throws when the receiver has anything else than the job wrote, once */
const check = (receiver: Receiver, { spec, paths, log }: TestJob): number => {
  const { stdout, stderr, completed } = receiver.has(spec.id)
  const lines = stdout.split('\n').slice(0, -1)
  const wrong = lines.findIndex((line, index) => line !== String(index + 1))
  if (wrong >= 0) throw new Error(`line ${wrong + 1} of ${spec.id} is ${JSON.stringify(lines[wrong])}\n${log()}`)
  for (const [name, has] of Object.entries({ stdout, stderr })) {
    const spooled = readFileSync(join(paths.dir, name), 'latin1')
    if (has !== spooled)
      throw new Error(`${spec.id}: the receiver has ${has.length} of ${spooled.length} bytes of ${name}\n${log()}`)
  }
  if (completed?.['exit_status'] !== 3) throw new Error(`${spec.id}: its end is ${JSON.stringify(completed)}\n${log()}`)
  return stdout.length + stderr.length
}
