// npm run soak -- --minutes N --seed S: the soak test for longer, or again.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, report: { type: 'string' } },
})
const report = values.report === undefined ? [] : ['--reporter', 'json', `--outputFile.json=${values.report}`]
const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--config', 'test/vitest.config.ts', '--reporter', 'default', ...report, 'test/soak/soak.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      CHAP_SOAK_MINUTES: values.minutes,
      ...(values.seed === undefined ? {} : { CHAP_SOAK_SEED: values.seed }),
    },
  },
)
process.exit(status ?? 1)
