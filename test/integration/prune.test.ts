// chap prune with real jobs: what it says that it frees is what it frees, and --dry-run frees nothing.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { isClosed } from '../../src/domain/job.ts'
import { probeDoorbell } from '../../src/spool/doorbell.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { readState } from '../../src/spool/state.ts'
import { chap, program } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { openTerminal } from '../rig/terminal.ts'
import { until } from '../rig/until.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const run = (...args: string[]) => chap(args, { spool })
/** Ended, and wholly over. */
const play = async (script: string): Promise<string> => {
  const id = (await run('start', '--', 'sh', '-c', script)).stdout.trim()
  const paths = jobPaths(spool.dir, id)
  const isOver = (): boolean => {
    const state = readState(paths.state)
    return state.ok && isClosed(state.value.job) && !probeDoorbell(paths.doorbell)
  }
  await until(isOver, { deadline: 20_000, what: `the end of ${id}` })
  return id
}
const takes = (path: string): number =>
  Number(execFileSync('du', ['-s', '--block-size=1', path], { encoding: 'utf8' }).split('\t')[0])

testWith('linux', 'tmux')('prune removes what was chosen, and says what that frees', async () => {
  const good = await play('head -c 300000 /dev/zero')
  const bad = await play('exit 3')
  const live = (await run('start', '--', 'sleep', '1000')).stdout.trim()
  const half = `${spool.dir}/jobs/.new-0123456789abcdef`
  mkdirSync(half)
  writeFileSync(`${half}/stdout`, 'x'.repeat(9_000))
  utimesSync(half, 1, 1)

  const plan = JSON.parse((await run('prune', '--keep', '0', '--dry-run', '--json')).stdout)
  const dir = (id: string): string => `${spool.dir}/jobs/${id}`
  expect(plan).toMatchObject({
    would_remove: [bad, good],
    jobs: [
      { id: bad, bytes: takes(dir(bad)) },
      { id: good, bytes: takes(dir(good)) },
    ],
    leftovers: ['.new-0123456789abcdef'],
    held: [],
    bytes: takes(dir(bad)) + takes(dir(good)) + takes(half),
  })
  const terminal = openTerminal(
    spool,
    'prune',
    ['sh', '-c', `'${process.execPath}' '${program}' prune --keep 0 --dry-run`],
    { columns: 80, rows: 24 },
  )
  try {
    await terminal.untilShown('status 0')
    expect(terminal.screen()).toMatch(
      new RegExp(`^ID +STATE +EXIT +AGE +DISK +COMMAND\\n${bad} +✗ ended +3 .*\\n${good} +✓ ended +0 .*K +sh -c 'head`),
    )
    expect(terminal.screen()).toMatch(
      /^chap: 2 jobs and 1 left half made would be removed, which frees \d+(\.\d)?[KM]$/m,
    )
  } finally {
    terminal.close()
  }
  expect([good, bad].every((id) => existsSync(dir(id))) && existsSync(half)).toBe(true)

  expect((await run('prune', '--failed', '--keep', '0')).stdout).toBe(`${bad}\n`)
  expect([good, bad].map((id) => existsSync(dir(id)))).toEqual([true, false])
  expect((await run('prune', '--keep', '1')).stdout).toBe('')
  expect((await run('prune')).stdout).toBe('')
  const removed = JSON.parse((await run('prune', '--older-than', '0s', '--json')).stdout)
  expect(removed).toMatchObject({ removed: [good], bytes: plan.jobs[1].bytes })
  expect((await run('ls', '-aq')).stdout).toBe(`${live}\n`)
  expect((await run('history')).stdout).toContain(bad)
  await run('kill', live)
})
