// A series as a person meets it: started, looked at, signaled, ended.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChapResult, chap } from '../rig/chap.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const run = (...args: readonly string[]): Promise<ChapResult> => chap(args, { spool })
const start = async (...args: readonly string[]): Promise<string> => (await run('start', ...args)).stdout.trim()
const stateOf = async (id: string): Promise<string> => {
  const { stdout } = await run('ls')
  const row = stdout.split('\n').find((line) => line.startsWith(id))
  return row?.split('\t')[3] ?? ''
}

test('run shows all runs, and exits with the status of the last one that was not good', async () => {
  const script = 'echo "run $CHAP_RUN"; exit $((CHAP_RUN == 2 ? 7 : 0))'
  const { stdout, exitCode } = await run('run', '--every', '200ms', '--count', '3', '--', 'sh', '-c', script)
  expect(stdout).toBe('run 1\nrun 2\nrun 3\n')
  expect(exitCode).toBe(7)
  const { stdout: card } = await run('inspect', 'last')
  expect(card).toMatch(/^series +every 0.2s, 3 times$/m)
  expect(card).toMatch(/^runs +3, 1 failed$/m)
  expect(card).toMatch(/^last run +3 ended with 0 at 20/m)
  const document = JSON.parse((await run('inspect', 'last', '--json')).stdout)
  expect(document).toMatchObject({ outcome: { kind: 'exited', code: 7 }, pid: null, ended_by: 'exit' })
  expect(document.series).toMatchObject({ every: 200, count: 3, runs: 3, failed: 1, missed: 0, lost: 0 })
})

test('ls tells a run that goes on from waiting for the next; one signal is for that run, or nobody; kill ends it', async () => {
  const id = await start('--every', '1h', '--', 'sh', '-c', 'exec sleep 600')
  await until(async () => (await stateOf(id)) === 'running (run 1)', { deadline: 10_000, what: 'a run in ls' })
  expect((await run('kill', '-s', 'INT', id)).exitCode).toBe(0)
  await until(async () => /^waiting \(next in (59|60)m\)|^waiting \(next in 1h\)/.test(await stateOf(id)), {
    deadline: 10_000,
    what: 'the pause in ls',
  })
  const nobody = await run('kill', '-s', 'INT', id)
  expect(nobody.exitCode).toBe(125)
  expect(nobody.stderr).toContain(`${id}: none of its runs was going on`)
  const killed = await run('kill', id)
  expect(killed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('has ended: exited 130') })
  expect(await stateOf(id)).toBe('ended')
})

test('what can not be a series is refused', async () => {
  expect(await run('start', '--count', '3', '--', 'true')).toMatchObject({ exitCode: 2, stdout: '' })
  expect(await run('start', '--every', '1s', '--on-disconnect', 'kill', '--', 'true')).toMatchObject({
    exitCode: 2,
    stdout: '',
  })
})
