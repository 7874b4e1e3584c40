/** Plays seeds in two processes, and gathers what they say. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundle } from './bundle.mjs'

const WORKERS = 2

/**
 * @typedef {{ seed: number, law: string, detail: string, trace: string }} Violation
 * @typedef {{ seeds: number, events: number, violations: Violation[] }} Played
 */

/**
 * @param {object} options
 * @param {number} options.from
 * @param {number} options.seeds
 * @param {import('./bundle.mjs').Mutant} [options.mutant]
 * @param {import('./simulate.ts').Focus} [options.focus]
 * @param {number} [options.workers]
 * @returns {Promise<Played>} each worker ends at its first violation
 */
export const play = async ({ from, seeds, mutant, focus = {}, workers = WORKERS }) => {
  const dir = mkdtempSync(join(tmpdir(), 'chap-simulation-'))
  try {
    const program = join(dir, 'worker.mjs')
    await bundle(program, mutant)
    const shares = await Promise.all(
      Array.from({ length: workers }, (_, index) =>
        runWorker(program, [[from + index, Math.ceil((seeds - index) / workers), workers], focus]),
      ),
    )
    return {
      seeds: shares.reduce((sum, share) => sum + share.seeds, 0),
      events: shares.reduce((sum, share) => sum + share.events, 0),
      violations: shares.flatMap((share) => share.violations).toSorted((a, b) => a.seed - b.seed),
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/**
 * @param {string} program
 * @param {readonly [readonly number[], import('./simulate.ts').Focus]} order first seed, how many, and from one to the next; what is played
 * @returns {Promise<Played>}
 */
const runWorker = async (program, order) => {
  // Two of these share two cores: helpers of the collector would only take them from each other.
  const args = ['--enable-source-maps', '--single-threaded-gc', program, JSON.stringify(order)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  /** @type {Played} */
  const played = { seeds: 0, events: 0, violations: [] }
  const exited = new Promise((resolve) => child.once('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line)
    if ('law' in said) played.violations.push(said)
    else Object.assign(played, said)
  }
  const status = await exited
  if (status !== 0) throw new Error(`a worker of the simulation ended with ${status}`)
  return played
}

/**
 * For a person who reads it: what was violated, what happened before, and how to see it again.
 *
 * @param {Violation} violation
 */
export const describe = ({ seed, law, detail, trace }) =>
  `seed ${seed} violates: ${law}\n${detail}\n\n${trace}\n\nagain: npm run simulate -- --from ${seed} --seeds 1`
