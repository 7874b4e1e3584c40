/** Which link a job's spec asks for. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { leaseOf, type Spec } from '../domain/spec.ts'
import type { JobPaths } from '../spool/layout.ts'
import { remoteName } from '../transport/command-text.ts'
import { hopTransport } from '../transport/hop-transport.ts'
import { openLauncherLink } from '../transport/launcher-link.ts'
import type { Opened, OpenLink } from '../transport/link.ts'
import { localTransport } from '../transport/local.ts'
import { targetOf } from '../transport/ssh-argv.ts'
import type { Transport } from '../transport/transport.ts'
import { startEagerness } from './eagerness.ts'
import { type GapKeeper, needingHoles } from './gap-keeper.ts'
import { startPatience } from './patience.ts'
import { makeRuntimeDir } from './runtime-dir.ts'

/** Milliseconds in which a shell of this machine must greet. */
const LOCAL_GREETING_MS = 15_000

export const linkOpener = (
  spec: Spec,
  paths: JobPaths,
  env: NodeJS.ProcessEnv,
  secret: string | null,
  keeper: GapKeeper | null,
): OpenLink => {
  const files = { stdin: paths.stdin, stdout: paths.stdout, stderr: paths.stderr, runs: paths.runs }
  const hello = {
    nonce: spec.nonce,
    policy: spec.onDisconnect,
    lease: leaseOf(spec) ?? 0,
    timeout: spec.limits.timeout ?? 0,
    idleTimeout: spec.limits.idleTimeout ?? 0,
    maxOutput: spec.limits.maxOutput ?? 0,
    onMaxOutput: spec.limits.onMaxOutput,
    grace: spec.limits.grace,
    name: remoteName(spec),
    series: spec.series,
  }
  const { route } = spec
  const stdin = (path: string): string => (spec.hasStdin ? `${spec.stdinOpen ? '+' : ''}${path}` : '/dev/null')
  if (route.kind === 'local') {
    const here = {
      root: paths.launcher,
      stdout: paths.stdout,
      stderr: paths.stderr,
      runs: paths.runs,
      stdin: stdin(paths.stdin),
    }
    return (generation, isKnown, listener, signal) =>
      openLauncherLink(
        {
          spec,
          files,
          skip: null,
          hello: { ...hello, ...here, generation, isKnown },
          transport: localTransport(),
          keepalive: null,
          onDoubtful: null,
          deadline: LOCAL_GREETING_MS,
          signal,
        },
        listener,
      )
  }
  const there = { root: spec.remoteDir, stdout: null, stderr: null, runs: null, stdin: stdin('.') }
  const deadline = spec.connectTimeout * 1000
  const patience = startPatience(spec)
  const eagerness = startEagerness(spec, () => performance.now())
  const openThere: OpenLink = async (generation, isKnown, listener, signal) => {
    const open = async (transport: Transport, keepalive: Spec['keepalive'] | null): Promise<Opened> => {
      const start = performance.now()
      const opened = await openLauncherLink(
        {
          spec,
          files,
          skip: keeper?.skip ?? null,
          hello: { ...hello, ...there, generation, isKnown },
          transport,
          keepalive,
          onDoubtful: eagerness(),
          deadline,
          signal,
        },
        listener,
      )
      if (opened.ok) patience.reached(performance.now() - start)
      else patience.failed(opened.fault)
      return opened
    }
    if (route.kind === 'hops') return open(hopTransport(route.hops, listener.onWords), spec.keepalive)
    const runtime = makeRuntimeDir(env)
    if (runtime === undefined)
      return { ok: false, fault: { code: 'usage', evidence: "no private directory for ssh's control socket" } }
    sweep(runtime, spec)
    const socket = join(runtime, `${spec.nonce}.${generation}`)
    const target = targetOf({ ...spec, connectTimeout: patience.seconds() }, route, socket, secret)
    if (spec.plain) {
      const [{ openPlainLink }, { plainOptions }] = await Promise.all([
        import('../transport/plain-link.ts'),
        import('../transport/plain-ssh.ts'),
      ])
      return openPlainLink(plainOptions(target, { spec, files, now: Date.now }, listener.onWords), listener)
    }
    const { sshTransport } = await import('../transport/ssh.ts')
    const { onward } = route
    if (spec.sharesConnection) {
      const { joinMaster, sharedName } = await import('../transport/shared-master.ts')
      const shared = { ...target, socket: join(runtime, sharedName(target)) }
      const joined = await joinMaster(shared, socket, deadline, listener.onWords)
      if (joined.kind === 'failed') return { ok: false, fault: joined.fault }
      const transport = sshTransport(shared, onward, listener.onWords, true)
      const opened = joined.kind === 'joined' ? await open(transport, null) : null
      // No further session on that connection (MaxSessions): nothing was run, and a connection of its own has room.
      if (opened !== null && (opened.ok || !transport.wasRefused())) return opened
    }
    return open(sshTransport(target, onward, listener.onWords), null)
  }
  return keeper === null ? openThere : needingHoles(openThere, paths.dir)
}

/** Removes the sockets of older links: a chaperone that was killed left its own there. */
const sweep = (runtime: string, { nonce }: Spec): void => {
  try {
    for (const name of readdirSync(runtime))
      if (name.startsWith(`${nonce}.`)) rmSync(join(runtime, name), { force: true })
  } catch {
    // No descriptor left to look with: they are in nobody's way, since each link has a name of its own.
  }
}
