// The chaperone killed at each of its system calls from the first that is about --on-exit: its command runs at most once, and if its end is known, once.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { readOnExit } from '../../src/spool/on-exit.ts'
import { atEveryPoint } from '../rig/crash-points.ts'
import { localDraft, makeJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'ptrace')
const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))

let spool: Spool
beforeAll(async () => {
  spool = await makeSpool()
})
afterAll(() => cleanUp(spool))

const linesOf = (path: string): number => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)

test('at every call', async () => {
  const results: string[] = []
  const points = await atEveryPoint({
    from: /on-exit/,
    play: async (run, number) => {
      const ran = `${spool.root}/ran-${number}`
      const job = makeJob(spool, localDraft(['true'], { onExit: `echo ran >>'${ran}'` }))
      const argv = [process.execPath, chaperone, job.paths.dir] as const
      const wasKilled = await run({ argv, env: spool.env, log: `${job.paths.dir}/strace` })
      if (wasKilled) await job.takeUp()
      const end = await until(
        () => {
          const read = readOnExit(job.paths)
          return read.ok ? read.value : undefined
        },
        { deadline: 30_000, what: `the record of on-exit\n${job.log()}` },
      )
      await job.untilLeft()
      if (wasKilled) results.push(end.result)
      const seen = { result: end.result, runs: linesOf(ran) }
      expect([
        { result: 'exited', runs: 1 },
        { result: 'unknown', runs: 1 },
        { result: 'unknown', runs: 0 },
      ]).toContainEqual(seen)
      const told = readFileSync(job.paths.events, 'utf8').split('\n')
      expect(told.filter((line) => line.includes('on_exit_ended'))).toHaveLength(1)
    },
  })
  process.stdout.write(`${points.length} crash points of on-exit: ${results.join(' ')}\n`)
  expect(points.length).toBeGreaterThan(20)
  expect(new Set(results)).toEqual(new Set(['exited', 'unknown']))
}, 240_000)
