// The law of architecture.md, as assertions over one job. Every test against the real thing ends here.
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { expect } from 'vitest'
import type { StateRecord } from '../../src/spool/schema.ts'
import { remoteDir, type TestJob } from './job.ts'
import { findByEnvironment, listProcesses } from './processes.ts'
import type { Spool } from './spool.ts'

/** What the program writes. */
export interface Written {
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Bytes compared at an instant; the whole is compared at the end. */
const WINDOW = 256 * 1024

/** Law 1, at any instant: what the spool has is a prefix of what the program writes. */
export const expectPrefix = (job: TestJob, written: Written): void => {
  for (const stream of ['stdout', 'stderr'] as const) {
    const fd = openSync(job.paths[stream], 'r')
    try {
      const { size } = fstatSync(fd)
      expect(size, `${stream} is longer than what was written`).toBeLessThanOrEqual(written[stream].length)
      const from = Math.max(0, size - WINDOW)
      const window = Buffer.alloc(size - from)
      readSync(fd, window, 0, window.length, from)
      if (!window.equals(written[stream].subarray(from, size)))
        throw new Error(`${stream} differs before byte ${size}\n${job.log()}`)
    } finally {
      closeSync(fd)
    }
  }
}

export interface Expected {
  readonly outcome: StateRecord['outcome']
  /** Compared when given. */
  readonly written?: Written
  /** A file to which the command adds a line when it begins. */
  readonly runs?: string
}

/** The law at the end: equality, sizes, the status, one run, one owner, every request answered, nothing left behind. */
export const expectLawful = (job: TestJob, spool: Spool, { outcome, written, runs }: Expected): void => {
  const state = job.state()
  expect(state.state).toBe('ended')
  expect(state.outcome, job.log()).toEqual(outcome)
  for (const stream of ['stdout', 'stderr'] as const) {
    const bytes = readFileSync(job.paths[stream])
    expect(state[stream].size, `${stream}: recorded size`).toBe(bytes.length)
    if (written !== undefined && !bytes.equals(written[stream]))
      throw new Error(`${stream} has ${bytes.length} bytes of ${written[stream].length}, or others\n${job.log()}`)
  }
  if (runs !== undefined) expect(readFileSync(runs, 'utf8').split('\n').filter(Boolean), 'times begun').toHaveLength(1)
  for (const name of readdirSync(job.paths.requests).filter((one) => one.endsWith('.json')))
    expect(existsSync(`${job.paths.requests}/${name.replace(/json$/, 'answer')}`), `${name} is answered`).toBe(true)
  expectNothingLeft(job, spool)
}

/** Law 9: no process and no file of the job, but for its directory in the spool. */
export const expectNothingLeft = (job: TestJob, spool: Spool): void => {
  const name = `${job.spec.id}-${job.spec.nonce}`
  const processes = [
    ...findByEnvironment('CHAP_MARK', name),
    ...listProcesses().filter(({ argv }) => argv.some((word) => word.includes(name) || word.includes(job.spec.nonce))),
  ]
  expect(processes, 'processes of the job').toEqual([])
  expect(existsSync(`${job.spec.remoteDir ?? remoteDir(spool)}/${name}`), 'the remote directory').toBe(false)
  expect(existsSync(job.paths.launcher), "the launcher's directory").toBe(false)
}
