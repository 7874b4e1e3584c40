// A gigabyte to a receiver that is slower than the job: does the chaperone's memory stay as it is, and the job's time?

import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { readDelivery } from '../../src/spool/callback.ts'
import { readOwner } from '../../src/spool/chaperones.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { pickPort } from '../rig/ports.ts'
import { until } from '../rig/until.ts'
import { atMost, type Result } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const SIZE = 1024 ** 3
/** Bytes a second that the receiver reads. */
const PACE = 40 * 1024 ** 2

const memoryOf = (pid: number): { rss: number; pss: number } => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024
  return { rss: read('Rss'), pss: read('Pss') }
}

const measure = async (bench: Bench): Promise<Result> => {
  const { spool, signal, say } = bench
  const chap = (...args: readonly string[]) => run(bench, [...bench.chap, ...args])
  const port = await pickPort()
  let received = 0
  let isOver = false
  const server = createServer(async (request, response) => {
    const before = performance.now()
    let bytes = 0
    for await (const chunk of request) bytes += chunk.length
    await pause(Math.max(0, (bytes / PACE) * 1000 - (performance.now() - before)))
    if (request.url?.endsWith('completed') === true) isOver = true
    else received += bytes
    response.writeHead(204).end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  try {
    const begun = performance.now()
    const url = `http://127.0.0.1:${port}`
    const started = await chap('start', '--callback', url, '--', 'head', '-c', String(SIZE), '/dev/zero')
    const id = started.stdout.trim()
    const paths = jobPaths(spool.dir, id)
    const pid = readOwner(paths)?.identity.pid ?? 0
    const samples: { at: number; rss: number; pss: number }[] = []
    const waited = chap('wait', id).then(() => performance.now() - begun)
    waited.catch(() => undefined) // told when it is asked for, below
    while (!isOver) {
      samples.push({ at: received, ...memoryOf(pid) })
      const { rss = 0, pss = 0 } = samples.at(-1) ?? {}
      say(`${(received / 1024 ** 2).toFixed(0)} MiB delivered: Rss ${rss.toFixed(1)} MiB, Pss ${pss.toFixed(1)} MiB`)
      await pause(2_000, undefined, { signal })
    }
    const seconds = (performance.now() - begun) / 1000
    await until(() => readDelivery(paths).ok, { deadline: 10_000 })
    if (received < SIZE || statSync(paths.stdout).size !== SIZE) throw new Error(`${received} bytes came`)
    // The first one is that of a process that gets up.
    const values = samples.slice(1).map(({ rss }) => rss)
    const half = Math.floor(values.length / 2)
    const [first, second] = [Math.max(...values.slice(0, half)), Math.max(...values.slice(half))]
    const ended = ((await waited) / 1000).toFixed(1)
    const row = {
      work: `1 GiB to a receiver of ${PACE / 1024 ** 2} MiB/s: Rss of the chaperone`,
      unit: 'MiB',
      chap: values,
      rivals: {},
      verdict: atMost(second / first, 1.1, 'x', 'its first half, in the second'),
      note: `the job ended in ${ended} s, and was delivered in ${seconds.toFixed(0)} s`,
    } as const
    return { rows: [row] }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

export const callback: Work = { name: 'callback', isExtra: true, limit: 180, measure }
