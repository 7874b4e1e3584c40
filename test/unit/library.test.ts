// The package as a program finds it: by its name, built.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the package exports what its face says, and an argv that it builds runs', async () => {
  // By its own name, through the exports of package.json.
  const name = 'chap-jobs'
  const library = (await import(name)) as typeof import('../../src/index.ts')
  expect(Object.keys(library)).toEqual(expect.arrayContaining(['startJob', 'followJob', 'waitForJobs', 'listJobs']))
  const [program, ...args] = library.buildCommand('printf %s "$0:$1"')
  expect(execFileSync(program, [...args, 'a', "b 'c'"], { encoding: 'utf8' })).toBe("a:b 'c'")
  expect(library.buildProgram(['true'], { host: 'gpu1', user: 'www', mode: 'ssh-then-sudo' })[0]).toBe('ssh')
})
