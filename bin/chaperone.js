#!/usr/bin/env node
// For chap alone to start, which itself has been built.
const program = '../dist/chaperone.cjs'
require(program)
