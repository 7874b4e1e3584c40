// Row 25 by the command line: 100 times `chap start` at once, on a server that drops connections when more than 2 knock. By default it would be
// more than 10, but two cores do not start node fast enough for that.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { jobPaths } from '../../src/spool/layout.ts'
import type { StateRecord } from '../../src/spool/schema.ts'
import { chap } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'ssh', 'sshd')
const JOBS = 100

let sshd: Sshd
let spool: Spool
beforeEach(async () => {
  ;[sshd, spool] = await Promise.all([startSshd({ config: ['MaxStartups 2:50:20'] }), makeSpool()])
})
afterEach(async () => {
  await cleanUp(spool)
  await sshd.stop()
})

test('100 starts at once: each returns, and all run, each once', async () => {
  const begin = performance.now()
  const ids = await Promise.all(
    Array.from({ length: JOBS }, async (_, n) => {
      const script = `echo begun >>'${spool.root}/runs.${n}'; echo job ${n}; exit ${n}`
      const args = ['start', '-F', sshd.sshConfig, '--remote-dir', `${spool.root}/remote`, sshd.host, '-c', script]
      // One that is still on its way after 10 s is pending, which is no failure.
      const started = await chap(args, { spool, deadline: 200_000 })
      expect(started, started.stderr).toMatchObject({ exitCode: 0 })
      return started.stdout.trim()
    }),
  )
  const returned = Math.round((performance.now() - begin) / 1_000)
  const stateOf = (id: string): StateRecord => JSON.parse(readFileSync(jobPaths(spool.dir, id).state, 'utf8'))
  await until(() => ids.every((id) => stateOf(id).state === 'ended'), {
    deadline: 200_000,
    what: 'the end of all',
    every: 200,
  })
  for (const [n, id] of ids.entries()) {
    expect(stateOf(id).outcome).toEqual({ kind: 'exited', code: n })
    expect(readFileSync(jobPaths(spool.dir, id).stdout, 'utf8')).toBe(`job ${n}\n`)
    expect(readFileSync(`${spool.root}/runs.${n}`, 'utf8')).toBe('begun\n')
  }
  const dropped = readFileSync(sshd.log, 'utf8').match(/drop connection/g)?.length ?? 0
  expect(dropped).toBeGreaterThan(0)
  const seconds = Math.round((performance.now() - begin) / 1_000)
  console.info(`${JOBS} starts returned in ${returned} s, ended in ${seconds} s; sshd dropped ${dropped} connections`)
}, 420_000)
