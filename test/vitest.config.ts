/** How the tests run: real processes on a small machine, so few at once, patiently, and never a second time. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run soak`: its faults are drawn anew in each run.
    exclude: process.env['CHAP_SOAK_MINUTES'] === undefined ? ['test/soak/**'] : [],
    benchmark: { include: ['test/bench/**/*.bench.ts'] },
    globalSetup: ['test/rig/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    fileParallelism: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
  },
})
