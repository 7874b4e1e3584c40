#!/usr/bin/env node
// CommonJS (package.json beside it says so): that spares `ls` and `start` node's loader of ES modules, which takes longer than all that `ls` does.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const whole = '../dist/chap.js'

const [, , command] = process.argv
if (!existsSync(join(__dirname, whole))) {
  process.stderr.write('chap: not built; run: npm run build\n')
  process.exitCode = 125
} else if (command === 'ls' || command === 'start') {
  // These by themselves are loaded faster; chap.js knows them as well, and does what `ls` leaves to it.
  const { isLeft } = require('./load-compiled.js').loadCompiled(join(__dirname, `../dist/${command}.cjs`))
  void isLeft?.then((/** @type {boolean} */ isLeftToIt) => isLeftToIt && import(whole))
} else {
  void import(whole)
}
