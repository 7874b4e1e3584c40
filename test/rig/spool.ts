// A place for one test's chap to live in: spool, home and runtime directory, apart from everybody else's.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findByEnvironments, listProcesses, type Process } from './processes.ts'
import { killAll } from './signals.ts'

export interface Spool {
  /** Everything is below this. Short, for the sake of the sockets in it. */
  readonly root: string
  /** CHAP_SPOOL. */
  readonly dir: string
  readonly home: string
  /** What chap gets to see; nothing of the environment of the test. */
  readonly env: Readonly<Record<string, string>>
}

export async function makeSpool(): Promise<Spool> {
  const root = await mkdtemp(join(tmpdir(), 'chap-t-'))
  const [dir, home, runtime] = [join(root, 'spool'), join(root, 'home'), join(root, 'run')]
  for (const folder of [home, runtime]) await mkdir(folder, { mode: 0o700 })
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin:/usr/sbin:/sbin',
    LANG: 'C.UTF-8',
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    CHAP_SPOOL: dir,
  }
  return { root, dir, home, env }
}

/** Makes spools for tests of one file that run at the same time, and so can't share one; `afterAll(spools.cleanUp)`. */
export const makeSpools = (): { readonly make: () => Promise<Spool>; readonly cleanUp: () => Promise<void> } => {
  const made: Spool[] = []
  return {
    make: async () => {
      const spool = await makeSpool()
      made.push(spool)
      return spool
    },
    cleanUp: async () => {
      for (const spool of made.splice(0)) await cleanUp(spool)
    },
  }
}

/**
 * End every process that belongs to the spool and remove it. A process belongs to it when its environment or its
 * arguments name this spool, which no other test ever has, or its environment one of this spool's jobs. That holds
 * for orphans too, and for jobs whose state a test has spoilt; state.json is not asked.
 */
export async function cleanUp(spool: Spool): Promise<void> {
  // Killing a job's process may make its chaperone start another: look again until there is none.
  for (let found = await findBelonging(spool); found.length > 0; found = await findBelonging(spool)) {
    await killAll(found)
  }
  await rm(spool.root, { recursive: true, force: true })
}

async function findBelonging(spool: Spool): Promise<Process[]> {
  const jobs = await readdir(join(spool.dir, 'jobs')).catch(() => [])
  const found = [
    ...findByEnvironments(new Set([`CHAP_SPOOL=${spool.dir}`, ...jobs.map((id) => `CHAP_JOB_ID=${id}`)])),
    ...listProcesses().filter(({ argv }) => argv.some((argument) => argument.includes(`${spool.root}/`))),
  ]
  return found.filter(({ pid, state }) => pid !== process.pid && state !== 'Z')
}
