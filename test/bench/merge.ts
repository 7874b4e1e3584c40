// 20 chatty jobs merged on one reader, as they write: every line whole, in order, none lost; and how many come a second.
import { spawn } from 'node:child_process'
import type { Bench, Row } from './row.ts'
import { time } from './row.ts'

const JOBS = 20
const LINES = 500_000

/** Waits until all are followed; dd ends its pieces anywhere. */
const script = (go: string): string =>
  `until [ -e ${go} ]; do sleep 0.1; done; seq -f 'line %.0f of words that fill it to about sixty bytes' ${LINES} | dd bs=8190 status=none`

export const measureMerge = async ({ root, spool }: Bench): Promise<Row[]> => {
  const { env } = spool
  const chap = [process.execPath, `${root}/bin/chap.js`]
  const go = `${spool.root}/go`
  const ids = Array.from({ length: JOBS }, () => time([...chap, 'start', '-c', script(go)], env).stdout.trim())
  const live = readMerged([...chap, 'attach', ...ids], ids, env)
  time(['touch', go], env)
  const [following, backlog] = [await live, await readMerged([...chap, 'logs', ...ids], ids, env)]
  return [
    { what: 'as they write', seconds: following },
    { what: 'when all is written', seconds: backlog },
  ].map(({ what, seconds }) => ({
    work: `${JOBS} jobs x ${LINES} lines merged, ${what}`,
    chap: `${Math.round((JOBS * LINES) / seconds).toLocaleString('en')} lines/s`,
    rival: `${seconds.toFixed(1)} s, none torn or lost`,
    ratio: '',
    goal: 'no torn line in 10 million',
  }))
}

/** @returns seconds. @throws at the first line that is not the next one of its job */
const readMerged = async (
  argv: readonly string[],
  ids: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> => {
  const [command = '', ...args] = argv
  const next = new Map(ids.map((id) => [id, 1]))
  const start = performance.now()
  const reader = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let rest = ''
  for await (const text of reader.stdout.setEncoding('latin1')) {
    const lines = (rest + String(text)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const id = line.slice(0, line.indexOf(' '))
      const number = next.get(id)
      if (line !== `${id} | line ${number} of words that fill it to about sixty bytes`)
        throw new Error(`a torn or lost line: ${JSON.stringify(line)}, expected ${number} of ${id}`)
      next.set(id, (number ?? 0) + 1)
    }
  }
  const short = [...next].filter(([, number]) => number !== LINES + 1)
  if (rest !== '' || short.length > 0) throw new Error(`lost at the end: ${JSON.stringify({ rest, short })}`)
  return (performance.now() - start) / 1000
}
