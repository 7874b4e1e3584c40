#!/usr/bin/env node
// CommonJS (package.json beside it says so): that spares `ls` node's loader of ES modules, which takes longer than all that it does.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

// `ls` by itself is loaded faster; chap.js knows it as well.
const program = process.argv[2] === 'ls' ? '../dist/ls.cjs' : '../dist/chap.js'
if (!existsSync(join(__dirname, program))) {
  process.stderr.write('chap: not built; run: npm run build\n')
  process.exitCode = 125
} else if (program.endsWith('.cjs')) {
  require(program)
} else {
  void import(program)
}
