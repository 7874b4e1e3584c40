// The soak: random jobs, faults and watchers for a while, several at once, each job held to the law.
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { playJob } from './play.ts'

export interface Report {
  readonly seed: number
  readonly jobs: number
  readonly bytes: number
  readonly faults: ReadonlyMap<string, number>
  readonly watchers: ReadonlyMap<string, number>
  /** What went wrong, each with the job's log. */
  readonly violations: readonly string[]
}

/** Jobs at once. */
const WIDTH = 4

export const soak = async (minutes: number, seed: number): Promise<Report> => {
  const sshd = await startSshd({ proxied: true, config: ['MaxStartups 100', 'MaxSessions 100'] })
  const spool = await makeSpool()
  const counts = { fault: new Map<string, number>(), watcher: new Map<string, number>() }
  const violations: string[] = []
  const end = performance.now() + minutes * 60_000
  let [begun, jobs, bytes] = [0, 0, 0]
  const count = (what: keyof typeof counts, name: string): void =>
    void counts[what].set(name, (counts[what].get(name) ?? 0) + 1)
  const playOn = async (): Promise<void> => {
    while (performance.now() < end) {
      begun += 1
      try {
        bytes += await playJob({ spool, sshd, count }, seed, begun)
        jobs += 1
      } catch (error) {
        violations.push((error as Error).message)
        process.stdout.write(`VIOLATION ${(error as Error).message}\n`)
      }
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, playOn))
  // The spool of a violation stays, to be looked at.
  if (violations.length === 0) await cleanUp(spool)
  await sshd.stop()
  return { seed, jobs, bytes, faults: counts.fault, watchers: counts.watcher, violations }
}

const sumUp = (counts: ReadonlyMap<string, number>): string => {
  const sum = [...counts.values()].reduce((a, b) => a + b, 0)
  return `${sum} (${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')})`
}

export const formatReport = ({ seed, jobs, bytes, faults, watchers, violations }: Report): string =>
  [
    `seed ${seed}: ${jobs} jobs, ${(bytes / 1e6).toFixed(1)} MB, ${violations.length} violations`,
    `faults: ${sumUp(faults)}`,
    `watchers: ${sumUp(watchers)}`,
    '',
  ].join('\n')
