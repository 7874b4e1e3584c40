/** npm run simulate -- [--seeds N] [--from S]: plays the simulated world, and ends with 1 at a violation of the law. */
import { parseArgs } from 'node:util'
import { describe, play } from './play.mjs'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '10000' }, from: { type: 'string', default: '0' } },
})
const start = performance.now()
const { seeds, events, violations } = await play({ from: Number(values.from), seeds: Number(values.seeds) })
const [first] = violations
if (first !== undefined) console.log(describe(first))
const seconds = (performance.now() - start) / 1000
console.log(
  `${seeds} seeds, ${events} events in ${seconds.toFixed(1)} s (${Math.round(seeds / seconds)} seeds/s): ` +
    `${violations.length} violations`,
)
process.exitCode = violations.length > 0 ? 1 : 0
