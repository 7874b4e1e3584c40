#!/usr/bin/env node
import { existsSync } from 'node:fs'

// `ls` by itself is loaded faster; chap.js knows it as well.
const program = new URL(process.argv[2] === 'ls' ? '../dist/ls.js' : '../dist/chap.js', import.meta.url)
if (existsSync(program)) {
  await import(program.href)
} else {
  process.stderr.write('chap: not built; run: npm run build\n')
  process.exitCode = 125
}
