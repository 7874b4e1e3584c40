#!/usr/bin/env node
// CommonJS (package.json beside it says so): that spares `ls` and `start` node's loader of ES modules, which takes longer than all that `ls` does.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

// These by themselves are loaded faster; chap.js knows them as well.
const [, , command] = process.argv
const program = command === 'ls' || command === 'start' ? `../dist/${command}.cjs` : '../dist/chap.js'
if (!existsSync(join(__dirname, program))) {
  process.stderr.write('chap: not built; run: npm run build\n')
  process.exitCode = 125
} else if (command === 'start') {
  require('./load-compiled.js').loadCompiled(join(__dirname, program))
} else if (command === 'ls') {
  require(program)
} else {
  void import(program)
}
