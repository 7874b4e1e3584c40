// npm run bench: bundles bench.ts, as the tests' own language is not node 20's, and runs it in a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const out = mkdtempSync(join(tmpdir(), 'chap-bench-'))
await build({
  entryPoints: [join(here, 'bench.ts')],
  outfile: join(out, 'bench.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
})
const child = spawn(process.execPath, [join(out, 'bench.mjs'), join(here, '../..'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// It ends by itself then, when it has ended all that it started.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
const [status] = await once(child, 'close')
rmSync(out, { recursive: true })
process.exit(status ?? 1)
