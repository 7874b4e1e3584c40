// attach leaves at once when it is asked to, or when nobody reads any more, whatever there is still to show.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync, truncateSync } from 'node:fs'
import { execa } from 'execa'
import { afterEach, beforeEach, expect } from 'vitest'
import { jobPaths } from '../../src/spool/layout.ts'
import { chap, program } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const start = async (...args: readonly string[]): Promise<string> =>
  (await chap(['start', ...args], { spool })).stdout.trim()

// A write to a file is over when it returns: nothing else of node's would come in between.
testWith('linux')('Ctrl-C is heard while a backlog goes to a file', async () => {
  const { stdout } = jobPaths(spool.dir, await start('--', 'sleep', '1000'))
  truncateSync(stdout, 64 * 1024 ** 3)
  try {
    const line = `exec '${process.execPath}' '${program}' attach >/dev/null`
    const attach = spawn('sh', ['-c', line], { env: spool.env, stdio: 'ignore' })
    const left = once(attach, 'exit')
    const pid = attach.pid ?? 0
    await until(() => opens(pid, stdout), { deadline: 20_000, what: 'the backlog to be read' })
    attach.kill('SIGINT')
    expect(await left).toEqual([130, null])
  } finally {
    truncateSync(stdout, 0)
  }
  await chap(['kill', '--all'], { spool })
})

/** Has it the file open? It reads from then on, and its descriptor does not say how far. */
const opens = (pid: number, path: string): boolean =>
  readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === path
    } catch {
      return false // closed meanwhile
    }
  })

testWith('linux')('of several jobs none is followed any longer when nobody reads', async () => {
  const [chatty, silent] = [
    await start('-c', 'while :; do echo x; sleep 0.05; done'),
    await start('--', 'sleep', '1000'),
  ]
  const line = `'${process.execPath}' '${program}' attach ${chatty} ${silent} | head -n 1`
  const shown = await execa('sh', ['-c', line], { env: spool.env, extendEnv: false, timeout: 30_000 })
  expect(shown.stdout).toContain('| x')
  await chap(['kill', '--all', '--grace', '0s'], { spool })
})
