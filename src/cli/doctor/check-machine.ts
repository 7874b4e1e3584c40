/** Examines this machine: the spool, and what watchers and chaperones need of the system. */
import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkSpool, findRuntimeDir, readRoom } from '../../index.ts'
import { examineAutostart } from './check-autostart.ts'
import { checkSsh } from './check-host.ts'
import { findFileSystem } from './file-systems.ts'
import { judgeFacts, judgeRoom } from './judge.ts'
import { examineDescriptors, examineInotify } from './limits.ts'
import { probeText, startProbe } from './probe.ts'
import { runProgram } from './programs.ts'
import { type Finding, fail, ok, type Step, skip, step, timed, warn } from './step.ts'

const SCRIPT_MS = 15_000

interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly spool: string
}

export async function* checkMachine({ env, spool }: Machine): AsyncGenerator<Step> {
  yield step('node', ok(process.version))
  const ssh = await checkSsh()
  // Jobs of this machine need none.
  yield ssh.status === 'fail' ? { ...ssh, status: 'warn' } : ssh
  const place = nearest(spool)
  yield step('spool', examineSpool(spool))
  yield step('file_system', examineFileSystem(place))
  yield step('space', judgeRoom(readRoom(spool)))
  const runtime = findRuntimeDir(env)
  yield step('sockets', runtime === undefined ? fail('none that is private', { code: 'no_sockets' }) : ok(runtime.path))
  yield step('inotify', examineInotify(place))
  yield step('descriptors', examineDescriptors())
  yield* examineShell()
  yield step('agent', ...(await timed(() => examineAgent(env['SSH_AUTH_SOCK']))))
  yield step('autostart', await examineAutostart({ env, spool }))
}

/** The directory itself, or the one that it would be made in. */
const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)))

const examineSpool = (spool: string): Finding => {
  const fault = checkSpool(spool)
  if (fault === undefined) return ok(`${spool}, for nobody else`)
  if (fault.code === 'absent') return ok(`${fault.path}: not there yet; the first chap start makes it`)
  return fail(fault.path, { code: 'spool', fault })
}

const examineFileSystem = (place: string): Finding => {
  const { name, kind } = findFileSystem(statfsSync(place).type)
  switch (kind) {
    case 'network':
      return warn(`${name}, of another machine`, { code: 'network_file_system' })
    case 'perhaps_network':
      return warn(`${name}, perhaps of another machine`, { code: 'network_file_system' })
    case 'volatile':
      return warn(`${name}, in memory`, { code: 'volatile_file_system' })
    case 'disk':
      return ok(name)
  }
}

async function* examineShell(): AsyncGenerator<Step> {
  const text = probeText(null)
  const probe = startProbe(['sh', '-c', text.script], text)
  const [facts, ms] = await timed(() =>
    Promise.race([probe.facts, probe.exited, new Promise<null>((done) => setTimeout(done, SCRIPT_MS, null).unref())]),
  )
  await probe.close()
  if (facts instanceof Map) {
    yield step('shell', ok((facts.get('system') ?? '').trim()), ms)
    // Its files lie in the spool.
    yield* judgeFacts(facts, 'here').filter(({ name }) => name === 'programs' || name === 'logout')
    return
  }
  const evidence = facts instanceof Error ? facts.message : 'sh does not answer'
  yield step('shell', fail(evidence, { code: 'fault', fault: { code: 'no_shell', evidence } }), ms)
}

const examineAgent = async (socket: string | undefined): Promise<Finding> => {
  if (socket === undefined || socket === '') return skip('there is none; ssh takes keys from files')
  const { status, stdout, words } = await runProgram('ssh-add', ['-l'])
  // 1: it has no key. 2: it can't be reached.
  if (status === 0) {
    const keys = stdout.trim().split('\n').length
    return ok(keys === 1 ? '1 key' : `${keys} keys`)
  }
  return warn(words, { code: 'agent' })
}
