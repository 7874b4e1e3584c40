// 0 bytes lost or doubled at a callback's receiver: 40 random faults; `npm run callback-faults` plays 500.
import { randomInt } from 'node:crypto'
import { expect } from 'vitest'
import { testWith } from '../rig/requires.ts'
import { playFaults } from '../soak/callback-faults.ts'

const test = testWith('linux', 'sshd', 'ssh')

const count = Number(process.env['CHAP_CALLBACK_FAULTS'] ?? 40)
const seed = Number(process.env['CHAP_CALLBACK_SEED'] ?? randomInt(1_000_000_000))

test(
  `${count} random faults`,
  async () => {
    const report = await playFaults(count, seed)
    process.stdout.write(`${JSON.stringify(report)}\n`)
    expect(report.bytes).toBeGreaterThan(0)
  },
  count * 1_000 + 120_000,
)
