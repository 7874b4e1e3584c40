// A spool of very many jobs that are over: spool.example's, with ids of their own, three days old.
import { linkSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as pause } from 'node:timers/promises'
import { openSpool } from '../../src/spool/guard.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { idOf } from '../rig/live-jobs.ts'
import type { Bench } from './work.ts'

const OLD_MS = 3 * 86_400_000
/** Jobs that are made without a pause, in which nothing else is heard. */
const AT_ONCE = 200

/** No `ls` reads these: names for the same few files do, and are made and removed far sooner. */
const SHARED = ['log', 'stderr', 'stdout', 'timeline'] as const

/** Makes ended jobs, the `from`th to the one before the `to`th. */
export const makeJobs = async (
  bench: Pick<Bench, 'root' | 'spool' | 'signal'>,
  from: number,
  to: number,
): Promise<void> => {
  const { root, spool, signal } = bench
  openSpool(spool.dir)
  const example = jobPaths(join(root, 'spool.example'), 'yyzt')
  const old = new Date(Date.now() - OLD_MS)
  const shared = SHARED.map((file) => [file, readFileSync(example[file])] as const)
  const events = readFileSync(example.events)
  const read = (path: string): string =>
    readFileSync(path, 'utf8').replaceAll('2026-11-27T', `${old.toISOString().slice(0, 10)}T`)
  const [spec, state] = [read(example.spec), read(example.state)]
  const make = (paths: JobPaths, id: string, first: JobPaths): void => {
    for (const dir of [paths.dir, paths.requests, paths.chaperones]) mkdirSync(dir, { mode: 0o700 })
    for (const [file, bytes] of shared)
      if (first === paths) writeFileSync(paths[file], bytes, { mode: 0o600 })
      else linkSync(first[file], paths[file])
    writeFileSync(paths.events, events, { mode: 0o600 })
    writeFileSync(paths.spec, spec.replaceAll('yyzt', id), { mode: 0o600 })
    writeFileSync(paths.state, state.replaceAll('yyzt', id), { mode: 0o400 })
    for (const path of [paths.state, paths.events]) utimesSync(path, old, old)
  }
  for (let number = from, first: JobPaths | undefined; number < to; number += 1) {
    const id = idOf(number)
    const paths = jobPaths(spool.dir, id)
    // A file has no more than 65,000 names on ext4.
    if (first === undefined || number % AT_ONCE === 0) first = paths
    make(paths, id, first)
    if (number % AT_ONCE === 0) await pause()
    signal.throwIfAborted()
  }
}
