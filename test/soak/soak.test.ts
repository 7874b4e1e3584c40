// The soak: `npm run soak -- --minutes N --seed S`. `npm run check` runs two minutes of it, each time with other seeds.
import { randomInt } from 'node:crypto'
import { expect } from 'vitest'
import { testWith } from '../rig/requires.ts'
import { formatReport, soak } from './soak.ts'

const test = testWith('linux', 'sshd', 'ssh', 'bash')

const minutes = Number(process.env['CHAP_SOAK_MINUTES'] ?? 1)
const seed = Number(process.env['CHAP_SOAK_SEED'] ?? randomInt(1_000_000_000))

test(
  `${minutes} minutes of random jobs, faults and watchers`,
  async () => {
    const report = await soak(minutes, seed)
    process.stdout.write(formatReport(report))
    expect(report.violations).toEqual([])
    expect(report.jobs).toBeGreaterThan(0)
  },
  minutes * 60_000 + 300_000,
)
