// Cleaning up a spool ends what belongs to it, and nothing else.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { isAlive, readProcess } from '../../rig/processes.ts'
import { testWith } from '../../rig/requires.ts'
import { cleanUp, makeSpool } from '../../rig/spool.ts'

const test = testWith('linux')

function startSleep(env: Readonly<Record<string, string>>) {
  const child = execa('sh', ['-c', 'exec sleep 1000'], { env, reject: false, stdin: 'ignore' })
  const found = readProcess(child.pid ?? 0)
  if (found === undefined) throw new Error('not started')
  return { ended: child.then(({ signal }) => signal), isAlive: () => isAlive(found.pid, found.startTime) }
}

test('ends the processes of the spool and removes it', async () => {
  const [spool, other] = [await makeSpool(), await makeSpool()]
  await mkdir(join(spool.dir, 'jobs', 'k3f9'), { recursive: true })
  const mine = [startSleep(spool.env), startSleep({ CHAP_JOB_ID: 'k3f9' })]
  const notMine = startSleep(other.env)
  await cleanUp(spool)
  expect(await Promise.all(mine.map(({ ended }) => ended))).toEqual(['SIGKILL', 'SIGKILL'])
  expect(notMine.isAlive()).toBe(true)
  expect(existsSync(spool.root)).toBe(false)
  await cleanUp(other)
  expect(await notMine.ended).toBe('SIGKILL')
})

test('keeps its paths short enough for sockets', async () => {
  const spool = await makeSpool()
  expect(spool.root.length).toBeLessThan(40)
  await cleanUp(spool)
})
