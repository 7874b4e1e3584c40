// How far the fires of a series are from their times, with the link cut for the middle third. CHAP_SERIES_MINUTES says for how long; 10.
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { jobPaths } from '../../src/spool/layout.ts'
import { parseRuns } from '../../src/spool/runs.ts'
import { readRuns } from '../../src/spool/runs-file.ts'
import { startSshd } from '../rig/sshd.ts'
import { atMost, median, quantile, type Result, type Row } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const MINUTES = Number(process.env['CHAP_SERIES_MINUTES'] ?? 10)

const measure = async (bench: Bench): Promise<Result> => {
  const { spool, chap, signal } = bench
  const sshd = await startSshd({ proxied: true })
  const begun = `${spool.root}/begun`
  const count = MINUTES * 60
  try {
    const series = ['--every', '1s', '--count', String(count), '--keepalive', '1x2']
    // Its own clock, past all that chap writes.
    const command = ['sh', '-c', `echo "$CHAP_RUN $(date +%s.%N)" >>'${begun}'; echo "run $CHAP_RUN"`]
    const start = [...chap, 'start', '-F', sshd.sshConfig, ...series, sshd.host, '--', ...command]
    const { stdout } = await run(bench, start)
    const third = (count * 1000) / 3
    await pause(third, undefined, { signal })
    sshd.proxy.refuse()
    sshd.proxy.reset()
    await pause(third, undefined, { signal })
    await sshd.proxy.accept()
    const id = stdout.trim()
    await run(bench, [...chap, 'wait', id], { timeout: 3 * third })
    return { rows: rowsOf(jobPaths(spool.dir, id).runs, begun, count) }
  } finally {
    await sshd.stop()
  }
}

const rowsOf = (runs: string, begun: string, count: number): Row[] => {
  const notes = parseRuns(readFileSync(runs, 'latin1')).filter((note) => note.kind === 'begun')
  const own = new Map(
    readFileSync(begun, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number) as [number, number]),
  )
  const lines = readFileSync(begun, 'utf8').trimEnd().split('\n').length
  const late = notes.map((note) => ((own.get(note.run) ?? Number.NaN) - note.due) * 1000)
  const third = Math.floor(late.length / 3)
  const drift = median(late.slice(-third)) - median(late.slice(0, third))
  const { missed, runs: ran } = readRuns(runs)
  const about = `1 s series, ${MINUTES} min, link cut for a third`
  const twice = lines - own.size
  return [
    {
      work: `${about}: drift of its runs, last third to first`,
      unit: 'ms',
      chap: [drift],
      rivals: {},
      verdict: atMost(drift, 50, 'ms'),
    },
    {
      work: '  lateness of a run, as it sees it',
      unit: 'ms',
      chap: late,
      rivals: {},
      verdict: atMost(median(late), 50, 'ms', 'in the median'),
      note: `99%: ${quantile(late, 0.99).toFixed(0)} ms`,
    },
    {
      work: `  fires that were run, of ${count}`,
      unit: '',
      chap: [ran],
      rivals: {},
      verdict: atMost(twice, 0, '', 'run twice'),
      note: `${missed} missed, and said to be`,
    },
  ]
}

export const series: Work = { name: 'series', isExtra: true, limit: 180 + 120 * MINUTES, measure }
