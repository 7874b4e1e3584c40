#!/usr/bin/env node
import { existsSync } from 'node:fs'

const program = new URL('../dist/chap.js', import.meta.url)
if (existsSync(program)) {
  await import(program.href)
} else {
  process.stderr.write('chap: not built; run: npm run build\n')
  process.exitCode = 125
}
