// A real OpenSSH server of the test's own, on the loopback, whose connections and life the test may end at will.
import { rm } from 'node:fs/promises'
import { pickPort } from './ports.ts'
import { descendantsOf, findByEnvironment, type Process, type ProcessIdentity, readProcess } from './processes.ts'
import { type FaultProxy, startProxy } from './proxy.ts'
import { killAll } from './signals.ts'
import { makeSshdFiles, rigVariable, type SshdFiles, writeClientConfig, writeServerConfig } from './sshd-files.ts'
import { type Listener, PortTaken, startListener } from './sshd-listener.ts'

export interface SshdOptions {
  /** Lines of sshd_config, which win over the rig's own: `MaxSessions 1`, `Banner /path`, ... */
  readonly config?: readonly string[]
  /** Lines of ssh_config for the host, which win over the rig's own. */
  readonly clientConfig?: readonly string[]
  /** The name by which the client configuration knows the server; `rig` unless told. */
  readonly host?: string
  /** Let clients come through a fault proxy. */
  readonly proxied?: boolean
  /** What stands before sshd on its command line: a program that gives it a world of its own. */
  readonly prefix?: readonly string[]
}

export interface Sshd {
  /** The server's own port, behind the proxy if there is one. */
  readonly port: number
  readonly dir: string
  readonly host: string
  /** For `ssh -F`. */
  readonly sshConfig: string
  /** sshd's own words, in a file. */
  readonly log: string
  /** What to give to ssh: the host, as the current user unless told. */
  destination(user?: string): string
  /** The living sshd processes that serve connections, those that outlived a listener too. */
  sessions(): Process[]
  sessionPids(): number[]
  /** SIGKILL the processes that serve connections, not what runs in them, and see them gone. */
  killSessions(): Promise<void>
  /** End the listener: connections are refused, those that are open stay. */
  stopListening(): Promise<void>
  /** End the listener if there is one, and listen again on the same port with the same keys. */
  restart(): Promise<void>
  /** End the server, its connections and all that was started through it, and remove the directory. */
  stop(): Promise<void>
}

export interface ProxiedSshd extends Sshd {
  readonly proxy: FaultProxy
}

export async function startSshd(options: SshdOptions & { readonly proxied: true }): Promise<ProxiedSshd>
export async function startSshd(options?: SshdOptions): Promise<Sshd>
export async function startSshd(options: SshdOptions = {}): Promise<Sshd | ProxiedSshd> {
  const { host = 'rig', clientConfig = [], proxied = false, prefix = [] } = options
  const files = await makeSshdFiles()
  const { port, listener } = await listenSomewhere(files, options.config ?? [], prefix)
  const proxy = proxied ? await startProxy({ to: port }) : undefined
  await writeClientConfig(files, { host, port: proxy?.port ?? port, lines: clientConfig })
  const sshd = makeSshd(files, { port, host, listener, proxy, prefix })
  return proxy === undefined ? sshd : { ...sshd, proxy }
}

// The port was free a moment ago; when somebody else was quicker, take another one.
async function listenSomewhere(
  files: SshdFiles,
  lines: readonly string[],
  prefix: readonly string[],
): Promise<{ port: number; listener: Listener }> {
  for (let attempt = 0; ; attempt++) {
    const port = await pickPort()
    await writeServerConfig(files, { port, lines })
    try {
      return { port, listener: await startListener(files, prefix) }
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === 5) throw error
    }
  }
}

interface Parts {
  readonly port: number
  readonly host: string
  readonly listener: Listener
  readonly proxy: FaultProxy | undefined
  readonly prefix: readonly string[]
}

function makeSshd(files: SshdFiles, { port, host, listener: first, proxy, prefix }: Parts): Sshd {
  let listener: Listener | undefined = first
  // Sessions whose listener is gone are children of init: they cannot be found again, only remembered.
  let orphans: readonly ProcessIdentity[] = []

  const sshd: Sshd = {
    port,
    host,
    dir: files.dir,
    log: files.log,
    sshConfig: files.clientConfig,
    destination: (user) => (user === undefined ? host : `${user}@${host}`),
    sessions() {
      const remembered = orphans.map(findAgain).filter((found) => found !== undefined)
      const roots = listener === undefined ? remembered : [...remembered, ...sshdChildrenOf(listener.pid)]
      const all = roots.flatMap((root) => [root, ...sshdChildrenOf(root.pid)])
      // A remembered process may also be the child of another one.
      return [...new Map(all.map((found) => [found.pid, found])).values()]
    },
    sessionPids: () => sshd.sessions().map(({ pid }) => pid),
    killSessions: () => killAll(sshd.sessions()),
    async stopListening() {
      if (listener === undefined) return
      await listener.freeze()
      orphans = sshd.sessions()
      await listener.end()
      listener = undefined
    },
    async restart() {
      await sshd.stopListening()
      listener = await startListener(files, prefix)
    },
    async stop() {
      await sshd.stopListening()
      await sshd.killSessions()
      await killAll(findByEnvironment(rigVariable, files.dir))
      proxy?.stop()
      await rm(files.dir, { recursive: true, force: true })
    },
  }
  return sshd
}

function findAgain({ pid, startTime }: ProcessIdentity): Process | undefined {
  const found = readProcess(pid)
  return found?.startTime === startTime && found.state !== 'Z' ? found : undefined
}

// A privileged monitor has an unprivileged child of the same name (sshd, or since 9.8 sshd-session, sshd-auth). Their
// other children are the user's processes.
function sshdChildrenOf(pid: number): Process[] {
  return descendantsOf(pid).filter(({ ppid, name, state }) => ppid === pid && name.startsWith('sshd') && state !== 'Z')
}
