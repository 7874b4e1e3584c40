// One seed, from the job's creation to the quiet after its end.
import type { Series, Spec } from '../../src/domain/spec.ts'
import { createJob } from '../../src/spool/create.ts'
import { pathsIn } from '../../src/spool/layout.ts'
import { startChaperone } from './chaperone.ts'
import { startClock } from './clock.ts'
import { checkEnd, isOver } from './end.ts'
import { planFaults } from './faults.ts'
import { startLaw, type Violation } from './law.ts'
import { Killed, type Process, startMachine } from './machine.ts'
import { startNetwork } from './network.ts'
import { askFor, lookOn, recoverAll, startPerson } from './people.ts'
import { closeAll } from './platform/descriptors.ts'
import { releaseAll } from './platform/lockfile.ts'
import { type Random, startRandom } from './random.ts'
import { startHost } from './remote/host.ts'
import { drawProgram, type Program } from './remote/program.ts'
import { setStage, stage } from './stage.ts'
import { startTrace } from './trace.ts'
import { newTruth } from './truth.ts'
import type { World } from './world.ts'

export interface Result {
  readonly seed: number
  readonly events: number
  readonly violation: (Violation & { readonly trace: string }) | undefined
}

/** Milliseconds after the last fault in which everything must be over. */
const PATIENCE_MS = 900_000
/** Milliseconds for what is left to fall silent. */
const QUIET_MS = 180_000
/** Milliseconds between two runs of chap recover --all. */
const RECOVER_MS = 7_000
const SPOOL = '/spool'

/** Until all that promises had to do has been done. */
const settle = (): Promise<void> => new Promise((resolve) => globalThis.process.nextTick(resolve))

/** A turn of node's loop, which costs as much as ten of these; only then it tells of promises whose rejection nobody handled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** Events between two turns. */
const TURN_EVERY = 32

/** What is to be played of all that could be. */
export interface Focus {
  /** Kinds of faults that may happen; empty: all. */
  readonly faults?: readonly string[]
  /** Only programs that nothing but SIGKILL ends. */
  readonly isStubborn?: boolean
  /** Only series. */
  readonly isSeries?: boolean
}

const STUBBORN = { lifetime: Number.POSITIVE_INFINITY, onTerm: 'ignore' } as const

export const simulate = async (
  seed: number,
  { faults = [], isStubborn = false, isSeries = false }: Focus = {},
): Promise<Result> => {
  const random = startRandom(seed)
  const drawn = drawProgram(random)
  const world = makeWorld(random, isStubborn ? { ...drawn, ...STUBBORN } : drawn)
  setStage(world)
  closeAll()
  releaseAll()
  const { machine, law } = world
  const { clock } = machine
  machine.onFailure = (process, error) => {
    if (error instanceof Killed && !process.isAlive) return
    // A disk so full that not even ownership can be claimed: main.ts ends such a chaperone, and another comes later.
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC' && /chaperones/.test(String(error)))
      return machine.kill(process)
    law.violate(
      `${process.name} does not fail`,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    )
  }
  machine.onPowerLoss = law.onPowerLoss
  rejected = (error) => {
    const process = (error as { readonly process?: Process }).process ?? machine.running()
    if (process !== undefined) machine.onFailure(process, error)
  }

  const horizon = random.pick([3_000, 20_000, 60_000])
  begin(random, horizon, faults, isSeries)
  let events = 0
  let quietFrom: number | undefined
  for (;;) {
    const run = clock.advance()
    if (run === undefined || law.violation() !== undefined) break
    events += 1
    machine.yieldNow()
    run()
    if (machine.running() !== undefined) await settle()
    if (events % TURN_EVERY === 0) await turn()
    if (law.violation() !== undefined) break
    if (quietFrom === undefined && isOver(world)) quietFrom = clock.now()
    if (quietFrom !== undefined && clock.now() > quietFrom + QUIET_MS) break
    if (clock.now() > horizon + PATIENCE_MS) {
      law.violate('everything ends', JSON.stringify(law.state()))
      break
    }
  }
  await turn()
  checkEnd(world)
  const violation = law.violation()
  return { seed, events, violation: violation && { ...violation, trace: machine.trace.show() } }
}

let rejected = (_error: unknown): void => undefined
globalThis.process.on('unhandledRejection', (error) => rejected(error))

const makeWorld = (random: Random, program: Program): World => {
  const clock = startClock()
  const trace = startTrace()
  const truth = newTruth()
  const machine = startMachine(clock, random, trace)
  const met = new Set<string>()
  const world: World = {
    machine,
    network: startNetwork(clock, random),
    host: startHost(clock, random, trace, truth, program),
    law: startLaw(
      machine,
      truth,
      () => world.paths,
      met,
      () => world.limits,
    ),
    connections: new Set(),
    kinds: [],
    dangers: { youngDeaths: random.chance(0.3) ? 0.5 : 0, powerCuts: random.chance(0.15) ? 0.3 : 0 },
    met,
    paths: pathsIn(SPOOL),
    limits: { giveUpAfter: null, timeout: null, idleTimeout: null, maxOutput: null, onMaxOutput: 'keep', grace: 10 },
    startChaperone,
  }
  return world
}

const draftSpec = (random: Random, time: string): Omit<Spec, 'id' | 'nonce'> => ({
  name: null,
  labels: {},
  host: 'remote',
  route: { kind: 'ssh', destination: 'remote', options: [], onward: [] },
  program: { argv: ['program'] },
  cwd: null,
  env: {},
  inherit: true,
  unset: [],
  hasStdin: false,
  stdinOpen: false,
  onDisconnect: 'keep',
  plain: false,
  lease: random.chance(0.1) ? 5 + random.int(30) : null,
  keepalive: { interval: 5, count: 2, eager: random.chance(0.5) },
  connectTimeout: 10,
  limits: {
    giveUpAfter: random.chance(0.2) ? 1 + random.int(60) : null,
    timeout: random.chance(0.15) ? 1 + random.int(20) : null,
    idleTimeout: random.chance(0.15) ? 1 + random.int(10) : null,
    maxOutput: random.chance(0.1) ? 1 + random.int(10_000) : null,
    onMaxOutput: 'kill',
    grace: random.pick([0, 1, 10]),
  },
  series: null,
  remoteDir: null,
  secret: { kind: 'none' },
  sharesConnection: false,
  onExit: null,
  callback: null,
  group: null,
  rerunOf: null,
  logFile: null,
  asked: null,
  created: { time, host: 'here', user: 'u' },
})

const drawSeries = (random: Random): Series => ({
  every: random.pick([200, 1_000, 5_000]),
  count: random.chance(0.5) ? 1 + random.int(10) : null,
  initialDelay: random.chance(0.5) ? 0 : random.int(200) * 10,
  jitter: 0,
  overrun: random.pick(['skip', 'now']),
})

const begin = (random: Random, horizon: number, faults: readonly string[], isSeries: boolean): void => {
  const world = stage()
  const { machine, host, law } = world
  const { clock, disk } = machine
  const spool = disk.makeDirectory()
  const jobs = disk.makeDirectory()
  spool.entries.set('jobs', jobs)
  spool.synced.set('jobs', jobs)
  const root = disk.findParent(SPOOL).parent
  root?.entries.set('spool', spool)
  root?.synced.set('spool', spool)

  startPerson('chap start', 0, () => {
    const time = new Date(clock.wall()).toISOString()
    const draft = draftSpec(random, time)
    const series = isSeries || random.chance(0.2) ? drawSeries(random) : null
    if (series !== null) host.truth.series = { begun: new Map(), notes: '', end: null }
    const { paths, spec } = createJob(
      SPOOL,
      series === null ? draft : { ...draft, series, lease: null, limits: { ...draft.limits, maxOutput: null } },
      null,
    )
    world.paths = paths
    world.limits = spec.limits
    startChaperone(world.paths.dir)
    world.kinds = planFaults(horizon, faults)
    if (random.chance(0.6)) {
      for (let i = random.int(3); i >= 0; i -= 1)
        askFor(
          random.chance(0.6)
            ? { kind: 'stop', signal: random.pick(['SIGTERM', 'SIGINT', 'SIGKILL']), grace: random.pick([0, 1, 10]) }
            : { kind: 'signal', signal: random.pick(['SIGUSR1', 'SIGCONT', 'SIGHUP', 'SIGTERM']) },
          random.chance(0.3) ? random.between(0, 500) : random.between(0, horizon),
        )
    }
    for (let i = random.int(3); i > 0; i -= 1) lookOn(random.between(0, horizon))
    const recover = (): void => {
      if (!isOver(world)) recoverAll(0)
      // Somebody wants an endless command to end; until that is accepted, he asks again.
      const isStopped = [...law.accepted.values()].some(({ request }) => request.kind === 'stop')
      const isEndless = !Number.isFinite(host.program.lifetime) || host.truth.series !== null
      if (clock.now() > horizon && isEndless && !isStopped) askFor({ kind: 'stop', signal: 'SIGTERM', grace: 5 }, 0)
      clock.after(RECOVER_MS, recover)
    }
    clock.after(horizon * random.next(), recover)
    clock.after(horizon, () => {
      world.dangers.youngDeaths = 0
      world.dangers.powerCuts = 0
    })
  })
}
