// What a measurement is made of, and how it is taken.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Spool } from '../rig/spool.ts'
import type { Sshd } from '../rig/sshd.ts'

export interface Bench {
  /** The checkout. */
  readonly root: string
  readonly sshd: Sshd
  readonly spool: Spool
}

export interface Row {
  readonly work: string
  readonly chap: string
  readonly rival: string
  readonly ratio: string
  readonly goal: string
}

/** The value below which the share `q` of the sorted values lies. */
export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Milliseconds that a command takes, and its stdout. @throws when it fails */
export const time = (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): { ms: number; stdout: string } => {
  const [program = '', ...args] = argv
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 30 })
  const ms = performance.now() - start
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`)
  return { ms, stdout }
}

/** Seconds of CPU that a living process has used. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`
