// Programs that keep a process alive, a hundred of each: for orientation beside a hundred chaperones.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { listProcesses } from '../rig/processes.ts'
import { killAll } from '../rig/signals.ts'
import { until } from '../rig/until.ts'
import { openAccount, untilEmpty } from './account.ts'
import { memoryOf } from './jobs.ts'
import { run } from './run.ts'
import type { Bench } from './work.ts'

export interface KeeperMemory {
  readonly name: string
  /** Pss without what is kept, for each that is kept. */
  readonly mib: number
}

interface Keeper {
  readonly program: string
  readonly env?: Readonly<Record<string, string>>
  argv(number: number): readonly string[]
}

export const measureKeepers = async (bench: Bench, count: number): Promise<KeeperMemory[]> => {
  const found: KeeperMemory[] = []
  for (const keeper of keepersIn(bench)) {
    if (!bench.has(keeper.program)) continue
    const mib = await measureKeeper(bench, keeper, count)
    bench.say(`${count} of ${keeper.program}`)
    found.push({ name: keeper.program, mib })
  }
  return found
}

const measureKeeper = async (bench: Bench, { program, env = {}, argv }: Keeper, count: number): Promise<number> => {
  const account = openAccount()
  if (account === undefined) throw new Error('no control group can be made')
  for (let number = 0; number < count; number += 1)
    await run(bench, argv(number), { account, env, stdout: 'ignore', cwd: bench.spool.root })
  const all = (): ReturnType<typeof listProcesses> => {
    const inside = new Set(account.pids())
    return listProcesses().filter(({ pid, state }) => inside.has(pid) && state !== 'Z')
  }
  const kept = (): number => all().filter(({ name }) => name === 'sleep').length
  // A queue runs its jobs one by one.
  const wanted = program === 'tsp' || program === 'nq' ? 1 : count
  await until(() => kept() >= wanted, { deadline: 20_000, what: `${wanted} of ${program} that keep their commands` })
  const mib = all()
    .filter(({ name }) => name !== 'sleep' && name !== 'sh')
    .map(({ pid }) => memoryOf(pid, 'Pss') / 1024)
  await killAll(all())
  await untilEmpty(account)
  await account.close()
  return mib.reduce((sum, value) => sum + value, 0) / count
}

const keepersIn = ({ spool }: Bench): Keeper[] => {
  const dir = `${spool.root}/keepers`
  mkdirSync(dir, { recursive: true })
  const runtime = `${dir}/runtime`
  // conmon has an OCI runtime start what it keeps; this one is as short as can be, and starts what the bench keeps.
  writeFileSync(
    runtime,
    `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --pid-file) pid_file=$2; shift ;; esac
  shift
done
sleep 3600 </dev/null >/dev/null 2>&1 &
echo $! >"$pid_file"
`,
  )
  chmodSync(runtime, 0o755)
  const conmon = (n: number): string[] => {
    mkdirSync(`${dir}/bundle`, { recursive: true })
    const files = ['-p', `${dir}/pid.${n}`, '-l', `k8s-file:${dir}/log.${n}`, '--exit-dir', dir]
    const ids = ['--api-version', '1', '-c', `id${n}`, '-u', `uuid${n}`]
    return ['conmon', ...ids, '-r', runtime, '-b', `${dir}/bundle`, '--socket-dir-path', dir, ...files]
  }
  return [
    { program: 'conmon', argv: conmon },
    { program: 'dtach', argv: (n) => ['dtach', '-n', `${dir}/dtach.${n}`, 'sleep', '3600'] },
    { program: 'tmux', argv: () => ['tmux', '-S', `${dir}/tmux`, 'new', '-d', 'sleep 3600'] },
    { program: 'nq', env: { NQDIR: dir }, argv: () => ['nq', '-q', 'sleep', '3600'] },
    { program: 'tsp', env: { TS_SOCKET: `${dir}/tsp`, TMPDIR: dir }, argv: () => ['tsp', 'sleep', '3600'] },
  ]
}
