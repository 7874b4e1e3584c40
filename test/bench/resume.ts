// A network swallows everything for ten seconds: how long after that does the first new byte come? All are behind the same one, at once.
import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { layCable } from '../rig/cable.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { killAll } from '../rig/signals.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'
import { removeAll, startJob } from './jobs.ts'
import { atMost, median, type Result, type Row } from './row.ts'
import type { Bench, Work } from './work.ts'

const HOLE_MS = 10_000
const GOAL_S = 2
/** Longer than the kernel's own patience with what was not answered for ten seconds. */
const DEADLINE_MS = 60_000
const LINES_BEFORE = 20
/** Numbers its lines, ten a second, until it is told to end; then says so. What was lost or came twice can be seen. */
const script = (stop: string): string =>
  `n=0; until [ -e ${stop} ]; do n=$((n+1)); echo line $n; sleep 0.1; done; echo end $n`

interface Contender {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A terminal's picture is what it shows, not the bytes: no lines to count. */
  readonly isScreen?: boolean
}

interface Watched {
  text: string
  firstAfter: number | undefined
}

const measure = async (bench: Bench): Promise<Result> => {
  const { rounds, say } = bench
  const cable = layCable()
  try {
    const sshd = await startSshd({
      prefix: cable.prefix,
      config: [`ListenAddress ${cable.address}`],
      clientConfig: [`HostName ${cable.address}`],
    })
    try {
      const taken = new Map<string, number[]>()
      const lost = new Map<string, string>()
      for (let round = 0; round < rounds; round += 1)
        for (const { name, seconds, lines } of await measureRound(bench, sshd, cable)) {
          taken.set(name, [...(taken.get(name) ?? []), seconds])
          lost.set(name, lines)
          say(`round ${round + 1} of ${rounds}, ${name}: ${seconds.toFixed(2)} s; ${lines}`)
        }
      return { rows: rowsOf(taken, lost) }
    } finally {
      await sshd.stop()
    }
  } finally {
    cable.remove()
  }
}

const OWN = ['chap', 'chap --keepalive 1x3'] as const

const rowsOf = (taken: ReadonlyMap<string, readonly number[]>, lost: ReadonlyMap<string, string>): Row[] => {
  const rivals = Object.fromEntries([...taken].filter(([name]) => !OWN.some((own) => own === name)))
  const notes = [...lost].map(([name, lines]) => `${name}: ${lines}`).join('; ')
  return OWN.map((name, index) => {
    const own = taken.get(name) ?? []
    return {
      work: `resume after a ${HOLE_MS / 1000} s black hole, to the first new byte${name.slice('chap'.length).replace(' ', ', ')}`,
      unit: 's',
      chap: own,
      rivals: index === 0 ? rivals : {},
      verdict: atMost(median(own), GOAL_S, 's'),
      ...(index === 0 ? { note: notes } : {}),
    }
  })
}

const measureRound = async (
  bench: Bench,
  sshd: Sshd,
  cable: ReturnType<typeof layCable>,
): Promise<{ readonly name: string; readonly seconds: number; readonly lines: string }[]> => {
  const stop = `${bench.spool.root}/stop`
  const all = await contendersIn(bench, sshd, script(stop))
  const limit = new AbortController()
  const signal = AbortSignal.any([bench.signal, limit.signal])
  let healed = Number.POSITIVE_INFINITY
  const watched = Object.entries(all).map(([name, contender]) => {
    const seen: Watched = { text: '', firstAfter: undefined }
    const [program = '', ...args] = contender.argv
    const env = { ...bench.spool.env, ...contender.env }
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' })
    child.once('error', () => undefined) // aborted: it is seen by what it did not show
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      seen.text += text
      if (performance.now() > healed) seen.firstAfter ??= performance.now() - healed
    })
    return { name, contender, seen, child }
  })
  try {
    await until(() => watched.every(({ seen, contender }) => isUnderWay(seen.text, contender)), {
      deadline: 30_000,
      what: 'lines from everybody',
    }).catch((error: Error) => {
      throw new Error(
        `${error.message}: ${watched.map(({ name, seen }) => `${name}: ${seen.text.slice(-60)}`).join('; ')}`,
      )
    })
    cable.swallow()
    await pause(HOLE_MS, undefined, { signal: bench.signal })
    healed = performance.now()
    cable.heal()
    await until(() => watched.every(({ seen }) => seen.firstAfter !== undefined), {
      deadline: DEADLINE_MS,
      every: 20,
      what: 'a new byte for everybody',
    }).catch(() => undefined) // who showed nothing has so many seconds, and is named
    writeFileSync(stop, '')
    const own = watched.filter(({ name }) => OWN.some((known) => known === name))
    await until(() => own.every(({ seen }) => /^end \d+$/m.test(seen.text)), {
      deadline: 30_000,
      what: "the jobs' ends",
    })
    for (const { name, seen } of own) expectWhole(name, seen.text)
    return watched.map(({ name, seen, contender }) => ({
      name,
      seconds: (seen.firstAfter ?? DEADLINE_MS) / 1000,
      lines: contender.isScreen === true ? 'shows a screen, keeps no output' : wordsOfLines(seen.text),
    }))
  } finally {
    writeFileSync(stop, '')
    limit.abort()
    try {
      await removeAll(bench)
    } finally {
      // What a contender started outlives it: autossh its ssh, mosh its client.
      await killAll(findByEnvironment('CHAP_SPOOL', bench.spool.dir))
      rmSync(stop)
    }
  }
}

const isUnderWay = (text: string, { isScreen = false }: Contender): boolean =>
  isScreen ? text.includes('line') && text.length > 500 : text.split('\n').length > LINES_BEFORE

const contendersIn = async (bench: Bench, sshd: Sshd, command: string): Promise<Record<string, Contender>> => {
  const { chap, has } = bench
  const at = ['-F', sshd.sshConfig, sshd.host]
  const attach = async (...options: readonly string[]): Promise<Contender> => ({
    argv: [...chap, 'attach', (await startJob(bench, ['-c', command, ...options, ...at])).id],
  })
  // Ends a link that was silent for three seconds, as chap is told to.
  const alert = ['-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=3']
  const mosh = `stty rows 24 cols 80; exec mosh --ssh='ssh -F ${sshd.sshConfig}' --experimental-remote-ip=remote --bind-server=any ${sshd.host} -- sh -c '${command}'`
  return {
    chap: await attach(),
    'chap --keepalive 1x3': await attach('--keepalive', '1x3'),
    'ssh, waits for the kernel': { argv: ['ssh', ...at, command] },
    'ssh in a loop, alive 1x3': {
      argv: ['sh', '-c', 'until "$@"; do sleep 1; done', 'sh', 'ssh', ...alert, ...at, command],
    },
    ...(has('autossh')
      ? {
          'autossh, alive 1x3': {
            argv: ['autossh', '-M', '0', ...alert, ...at, command],
            env: { AUTOSSH_GATETIME: '0' },
          },
        }
      : {}),
    ...(has('mosh') && has('script')
      ? {
          mosh: {
            argv: ['script', '-qfec', mosh, '/dev/null'],
            env: { TERM: 'xterm', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh' },
            isScreen: true,
          },
        }
      : {}),
  }
}

const numbersIn = (text: string): number[] =>
  Array.from(text.matchAll(/^line (\d+)\r?$/gm), ([, number]) => Number(number))

/** @throws when a line was lost, came twice, or stands elsewhere */
const expectWhole = (name: string, text: string): void => {
  const numbers = numbersIn(text)
  const wrong = numbers.findIndex((number, index) => number !== index + 1)
  const last = Number(/^end (\d+)$/m.exec(text)?.[1])
  if (wrong !== -1 || numbers.length !== last)
    throw new Error(`${name}: of ${last} lines ${numbers.length} came, the first that is wrong is number ${wrong + 1}`)
}

const wordsOfLines = (text: string): string => {
  const numbers = numbersIn(text)
  const starts = numbers.filter((number) => number === 1).length
  // A new run begins with line 1 again: what the old one went on to write is lost.
  if (starts > 1) return `began ${starts} times, and lost what the others wrote`
  const missing = (numbers.at(-1) ?? 0) - new Set(numbers).size
  return missing === 0 ? 'every line once' : `${missing} lines lost`
}

export const resume: Work = { name: 'resume', limit: 420, measure }
