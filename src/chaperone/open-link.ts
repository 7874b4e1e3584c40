/** Which link a job's spec asks for. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { leaseOf, type Spec } from '../domain/spec.ts'
import { checkDirectory } from '../spool/guard.ts'
import type { JobPaths } from '../spool/layout.ts'
import { remoteName } from '../transport/command-text.ts'
import { openLauncherLink } from '../transport/launcher-link.ts'
import type { Opened, OpenLink } from '../transport/link.ts'
import { localTransport } from '../transport/local.ts'
import type { Transport } from '../transport/transport.ts'

/** A control socket's path may have 90 bytes, of which its name takes 30. */
const LONGEST_RUNTIME_DIR = 60
/** Milliseconds for the greeting after the connection's own limit. */
const GREETING_MS = 15_000

export const linkOpener = (spec: Spec, paths: JobPaths, env: NodeJS.ProcessEnv, secret: string | null): OpenLink => {
  const files = { stdin: paths.stdin, stdout: paths.stdout, stderr: paths.stderr }
  const hello = {
    nonce: spec.nonce,
    policy: spec.onDisconnect,
    lease: leaseOf(spec) ?? 0,
    name: remoteName(spec),
  }
  const { route } = spec
  if (route.kind === 'local') {
    const here = {
      root: paths.launcher,
      stdout: paths.stdout,
      stderr: paths.stderr,
      stdin: spec.hasStdin ? paths.stdin : '/dev/null',
    }
    return (generation, isKnown, listener) =>
      openLauncherLink(
        {
          spec,
          files,
          hello: { ...hello, ...here, generation, isKnown },
          transport: localTransport(),
          deadline: GREETING_MS,
        },
        listener,
      )
  }
  const there = { root: spec.remoteDir, stdout: null, stderr: null, stdin: spec.hasStdin ? '.' : '/dev/null' }
  const deadline = spec.connectTimeout * 1000 + GREETING_MS
  return async (generation, isKnown, listener) => {
    const { destination, options } = route
    const runtime = runtimeDir(env)
    if (runtime === undefined)
      return { ok: false, fault: { code: 'usage', evidence: "no private directory for ssh's control socket" } }
    sweep(runtime, spec)
    const socket = join(runtime, `${spec.nonce}.${generation}`)
    const { keepalive, connectTimeout } = spec
    const target = { destination, options, keepalive, connectTimeout, socket, secret }
    if (spec.plain) {
      const [{ openPlainLink }, { plainOptions }] = await Promise.all([
        import('../transport/plain-link.ts'),
        import('../transport/plain-ssh.ts'),
      ])
      return openPlainLink(plainOptions(target, { spec, files, now: Date.now }, listener.onWords), listener)
    }
    const { sshTransport } = await import('../transport/ssh.ts')
    const open = (transport: Transport): Promise<Opened> =>
      openLauncherLink(
        { spec, files, hello: { ...hello, ...there, generation, isKnown }, transport, deadline },
        listener,
      )
    if (spec.sharesConnection) {
      const { joinMaster, sharedName } = await import('../transport/shared-master.ts')
      const shared = { ...target, socket: join(runtime, sharedName(target)) }
      const joined = await joinMaster(shared, socket, deadline, listener.onWords)
      if (joined.kind === 'failed') return { ok: false, fault: joined.fault }
      const transport = sshTransport(shared, listener.onWords, true)
      const opened = joined.kind === 'joined' ? await open(transport) : null
      // No further session on that connection (MaxSessions): nothing was run, and a connection of its own has room.
      if (opened !== null && (opened.ok || !transport.wasRefused())) return opened
    }
    return open(sshTransport(target, listener.onWords))
  }
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

/** A short, private directory; undefined: somebody else's stands in its place. */
const runtimeDir = (env: NodeJS.ProcessEnv): string | undefined => {
  const own = join(tmpdir(), `chap-${userInfo().uid}`)
  const given = env['XDG_RUNTIME_DIR']
  const dir = given?.startsWith('/') && given.length <= LONGEST_RUNTIME_DIR ? join(given, 'chap') : own
  for (const candidate of dir === own ? [own] : [dir, own]) {
    try {
      mkdirSync(candidate, { recursive: true, mode: 0o700 })
      if (checkDirectory(candidate) === undefined) return candidate
    } catch {
      // Not to be had (a runtime directory that a logout removed): the next one.
    }
  }
  return undefined
}
