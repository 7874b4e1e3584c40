// The readers of /proc see what is there: names with parentheses, families, environments, zombies.
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished } from 'vitest'
import {
  descendantsOf,
  findByEnvironment,
  isAlive,
  listProcesses,
  type Process,
  readProcess,
  waitUntilGone,
} from '../../rig/processes.ts'
import { needProgram } from '../../rig/programs.ts'
import { testWith } from '../../rig/requires.ts'
import { killAll } from '../../rig/signals.ts'
import { until, untilSeen } from '../../rig/until.ts'

const test = testWith('linux')
const soon = { deadline: 5_000 }

function start(program: string, args: readonly string[], env: Record<string, string> = {}): Process {
  const child = execa(program, args, { env, reject: false, stdin: 'ignore' })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await child
  })
  // Node returns from a spawn when the exec is done, so it is the program already.
  const found = readProcess(child.pid ?? 0)
  if (found === undefined) throw new Error(`${program} was not started`)
  return found
}

test('reads a process', () => {
  const found = start(needProgram('sleep'), ['1000', '0', '0'])
  expect(found).toMatchObject({ ppid: process.pid, uid: process.getuid?.(), name: 'sleep' })
  expect(found.argv.slice(1)).toEqual(['1000', '0', '0'])
  expect(listProcesses()).toContainEqual(expect.objectContaining({ pid: found.pid, startTime: found.startTime }))
})

test('reads a name that looks like the fields after it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chap-t-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const program = join(folder, 'a) S 1 (b')
  await copyFile(needProgram('sleep'), program)
  expect(start(program, ['1000'])).toMatchObject({ name: 'a) S 1 (b', ppid: process.pid })
})

test('finds descendants, and processes by their environment', async () => {
  const mark = `${process.pid}-${performance.now()}`
  const parent = start(needProgram('sh'), ['-c', 'sleep 1000 & wait'], { CHAP_TEST_MARK: mark })
  const [child] = await untilSeen(
    () => descendantsOf(parent.pid),
    (found) => found[0]?.name === 'sleep',
    soon,
  )
  const marked = findByEnvironment('CHAP_TEST_MARK', mark)
  expect(marked.map(({ pid }) => pid).sort()).toEqual([parent.pid, child?.pid].sort())
  expect(findByEnvironment('CHAP_TEST_MARK', mark.slice(0, -1))).toEqual([])
  await killAll(marked)
})

test('takes a zombie for dead, and a pid with another start time for another process', async () => {
  // The shell becomes a sleep, which never waits for its child.
  const parent = start(needProgram('sh'), ['-c', 'sleep 0 & exec sleep 1000'])
  const zombie = await until(() => descendantsOf(parent.pid).find(({ state }) => state === 'Z'), soon)
  expect(isAlive(zombie.pid, zombie.startTime)).toBe(false)
  expect(isAlive(parent.pid, parent.startTime)).toBe(true)
  expect(isAlive(parent.pid, parent.startTime + 1)).toBe(false)
})

test('waits until processes are gone, and names those that stay', async () => {
  const sleeper = start(needProgram('sleep'), ['1000'])
  await expect(waitUntilGone([sleeper], 20)).rejects.toThrow(`${sleeper.pid} S`)
  await killAll([sleeper])
  await waitUntilGone([sleeper], 5_000)
})
