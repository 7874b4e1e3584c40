// How far the fires of a series are from their times, with the link cut for the middle third. CHAP_SERIES_MINUTES says for how long; 10.
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { execa } from 'execa'
import { jobPaths } from '../../src/spool/layout.ts'
import { parseRuns } from '../../src/spool/runs.ts'
import { readRuns } from '../../src/spool/runs-file.ts'
import { startSshd } from '../rig/sshd.ts'
import { type Bench, median, ms, quantile, type Row } from './row.ts'

const MINUTES = Number(process.env['CHAP_SERIES_MINUTES'] ?? 10)

export const measureSeries = async ({ root, spool }: Bench): Promise<Row[]> => {
  const sshd = await startSshd({ proxied: true })
  const begun = `${spool.root}/begun`
  const count = MINUTES * 60
  try {
    const chap = [process.execPath, `${root}/bin/chap.js`]
    const series = ['--every', '1s', '--count', String(count), '--keepalive', '1x2']
    // Its own clock, past all that chap writes.
    const command = ['sh', '-c', `echo "$CHAP_RUN $(date +%s.%N)" >>'${begun}'; echo "run $CHAP_RUN"`]
    const start = [...chap, 'start', '-F', sshd.sshConfig, ...series, sshd.host, '--', ...command]
    const { stdout: id } = await runChap(start, spool.env)
    const third = (count * 1000) / 3
    await pause(third)
    sshd.proxy.refuse()
    sshd.proxy.reset()
    await pause(third)
    await sshd.proxy.accept()
    await runChap([...chap, 'wait', id], spool.env)
    return rowsOf(jobPaths(spool.dir, id).runs, begun, count)
  } finally {
    await sshd.stop()
  }
}

/** Not as the others do: the proxy that the link goes through is in this process. */
const runChap = ([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>) =>
  execa(program, args, { env, extendEnv: false })

const rowsOf = (runs: string, begun: string, count: number): Row[] => {
  const notes = parseRuns(readFileSync(runs, 'latin1')).filter((note) => note.kind === 'begun')
  const own = new Map(
    readFileSync(begun, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number) as [number, number]),
  )
  const lines = readFileSync(begun, 'utf8').trimEnd().split('\n').length
  const late = notes.map(({ run, due }) => ((own.get(run) ?? Number.NaN) - due) * 1000)
  const third = Math.floor(late.length / 3)
  const drift = median(late.slice(-third)) - median(late.slice(0, third))
  const { missed, runs: ran } = readRuns(runs)
  const about = `1 s series, ${MINUTES} min, link cut for a third`
  const row = { rival: 'its own schedule', ratio: '-' }
  return [
    { ...row, work: `${about}: drift, last third to first`, chap: ms(drift), goal: '< 50 ms' },
    {
      ...row,
      work: 'lateness of a run, as it sees it: median, 99%, most',
      chap: [median(late), quantile(late, 0.99), Math.max(...late)].map(ms).join(', '),
      goal: 'median < 50 ms',
    },
    {
      ...row,
      work: `fires: run, missed, of ${count}; begun more than once`,
      chap: `${ran}, ${missed}; ${lines - own.size}`,
      goal: '0 twice, none unnamed',
    },
  ]
}
