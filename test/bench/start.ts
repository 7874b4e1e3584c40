// How long it takes until a command is put to work, here and over ssh, and the caller goes on.
import { alternate, type Turn } from './alternate.ts'
import { startJob, untilLeft } from './jobs.ts'
import { median, type Result, timesOf } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const TIMES_A_ROUND = 5

const measure = async (bench: Bench): Promise<Result> => {
  const { sshd, spool, has } = bench
  const at = ['-F', sshd.sshConfig, sshd.host]
  const often = { ...bench, rounds: bench.rounds * bench.size(TIMES_A_ROUND, 2), say: () => undefined }
  const timed =
    (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Turn<'ms'> =>
    async () => ({ ms: (await run(bench, argv, { env, cwd: spool.root })).ms })
  const start =
    (...args: readonly string[]): Turn<'ms'> =>
    async () => {
      const { ms, paths } = await startJob(bench, [...args, '--', 'true'])
      await untilLeft(paths)
      return { ms }
    }
  const nohup = `nohup true >${spool.root}/out 2>&1 </dev/null &`
  const local = await alternate(often, 'start', {
    'node -e 0': timed([process.execPath, '-e', '0']),
    chap: start(),
    ...(has('tmux') ? { 'tmux new -d': timed(['tmux', '-S', `${spool.root}/tmux`, 'new', '-d', 'true']) } : {}),
    ...(has('dtach') ? { 'dtach -n': timed(['dtach', '-n', `${spool.root}/dtach`, 'true']) } : {}),
    ...(has('nq') ? { nq: timed(['nq', '-q', 'true'], { NQDIR: `${spool.root}/nq` }) } : {}),
    ...(has('tsp') ? { tsp: timed(['tsp', 'true'], { TS_SOCKET: `${spool.root}/tsp`, TMPDIR: spool.root }) } : {}),
    'nohup &': timed(['sh', '-c', nohup]),
  })
  const far = await alternate(often, 'start over ssh', {
    'ssh host true': timed(['ssh', ...at, 'true']),
    chap: start(...at),
    "ssh host 'nohup cmd &'": timed(['ssh', ...at, nohup]),
    'chap --share-connection': start('--share-connection', ...at),
  })
  const node = local.of('node -e 0', 'ms').map((ms) => 2 * ms)
  const [own, plain] = [local.of('chap', 'ms'), far.of('ssh host true', 'ms')]
  const beyond = far.of('chap', 'ms').map((ms) => ms - median(own))
  return {
    rows: [
      {
        work: 'start, local, until it returns',
        unit: 'ms',
        chap: own,
        rivals: local.rivals('ms'),
        verdict: timesOf(own, node, 1.25, '2 x node -e 0'),
        note: 'the rivals keep no record, and but for nq and tsp no output',
      },
      {
        work: "start over ssh, until it returns with the remote's pid",
        unit: 'ms',
        chap: far.of('chap', 'ms'),
        rivals: far.rivals('ms'),
        verdict: timesOf(beyond, plain, 1.25, 'ssh host true, plus the local start'),
      },
    ],
  }
}

export const start: Work = { name: 'start', limit: 180, measure }
