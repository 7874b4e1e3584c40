#!/usr/bin/env node
// For chap alone to start, which itself has been built.
await import(new URL('../dist/chaperone.js', import.meta.url).href)
