// Signals, generations and the lease: what a link may do, and what becomes of the job when it is gone.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcherShells, makeLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const LEASE = 2

/** Reads until so much has come. */
const read = async ({ stdout }: ChildProcess, bytes: number): Promise<string> => {
  let text = ''
  stdout?.on('data', (chunk) => {
    text += chunk
  })
  await until(() => text.length >= bytes, { deadline: 5_000, what: `${bytes} bytes of a follower` })
  return text
}

describe.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  test('a signal goes to the whole group', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    const ready = `${spool.root}/ready`
    await control.launch(`sh -c 'sleep 600 & sleep 600 & echo >"${ready}"; wait' & wait`)
    await until(() => existsSync(ready), { deadline: 5_000, what: 'the tree' })
    expect((await control.ask('signal TERM')).verb).toBe('sent=1')
    expect(await control.untilOver()).toMatchObject({
      kind: 'ended',
      record: { status: 143, late: false },
      groupAlive: false,
    })
    expect((await control.ask('signal TERM')).verb).toBe('sent=0')
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a signal to what has not begun keeps it from beginning, also when it is launched later', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.ask('prepare')
    expect(await control.ask('signal TERM')).toMatchObject({ verb: 'sent=0' })
    expect(await control.status()).toMatchObject({ kind: 'lost', why: 'never_began' })
    const begun = `${spool.root}/begun`
    expect(await control.launch(`echo >"${begun}"`)).toMatchObject({ kind: 'lost', why: 'never_began' })
    expect(existsSync(begun)).toBe(false)
    await control.ask('discard')
    await control.child.exited
    expect(existsSync(launcher.dir)).toBe(false)
    await untilNothingRuns(launcher)
  })

  test('SIGKILL also reaches what left the group', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    const ready = `${spool.root}/ready`
    await control.launch(
      `trap '' TERM; setsid sh -c 'echo >"${ready}"; trap "" TERM; sleep 600' & while :; do sleep 1; done`,
    )
    await until(() => existsSync(ready), { deadline: 5_000, what: 'the process that left' })
    expect((await control.ask('signal KILL')).verb).toBe('sent=1')
    expect(await control.untilOver()).toMatchObject({ kind: 'ended', record: { status: 137 } })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a newer link ends the followers and the control session of an older one', async () => {
    const launcher = makeLauncher(spool, { shell })
    const older = await launcher.open(1)
    await older.launch('echo hello; echo oops >&2; exec sleep 600')
    const followers = [launcher.follow(1, 'stdout'), launcher.follow(1, 'stderr')] as const
    const ends = followers.map((follower) => once(follower, 'exit'))
    expect(await Promise.all(followers.map((follower) => read(follower, 5)))).toEqual(['hello\n', 'oops\n'])
    const newer = await launcher.open(2)
    expect(newer.greeting.report).toMatchObject({ kind: 'running' })
    expect(await older.child.exited).toBeNull()
    for (const killed of ends) expect(await killed).toEqual([null, 'SIGKILL'])

    // What comes late from the older link finds the door shut.
    expect(await once(launcher.follow(1, 'stdout'), 'exit')).toEqual([3, null])
    for (const generation of [1, 2]) {
      const { control, child } = launcher.hail(generation)
      expect(await control.greeted).toMatchObject({ declined: { verb: 'superseded' } })
      await child.exited
    }
    const resumed = launcher.follow(2, 'stdout', 3)
    const end = once(resumed, 'exit')
    expect(await read(resumed, 3)).toBe('lo\n')
    await newer.ask('signal KILL')
    await newer.untilOver()
    await newer.close()
    expect(await end).toEqual([null, 'SIGKILL'])
    await untilNothingRuns(launcher)
  })

  test('the lease ends a command that no link has asked after', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1, { lease: LEASE })
    await control.launch('exec sleep 600')
    expect(await control.untilOver(12_000)).toMatchObject({ kind: 'ended', record: { status: 143, why: 'lease' } })
    await control.close()
    await untilNothingRuns(launcher)
  }, 30_000)

  test('a lease that is renewed ends nothing', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1, { lease: LEASE })
    await control.launch('exec sleep 7')
    while (control.reports.length === 0) await control.ask('beat')
    expect(control.reports).toMatchObject([{ kind: 'ended', record: { status: 0, why: 'exit' } }])
    await control.close()
    await untilNothingRuns(launcher)
  }, 30_000)

  test('with policy kill the end of the connection ends the command and leaves nothing', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1, { policy: 'kill' })
    const followers = [launcher.follow(1, 'stdout'), launcher.follow(1, 'stderr')] as const
    await control.launch(`trap '' TERM HUP; echo on; echo err >&2; while :; do sleep 1; done`)
    expect(await Promise.all(followers.map((follower) => read(follower, 3)))).toEqual(['on\n', 'err\n'])
    await control.close()
    await untilNothingRuns(launcher)
    expect(existsSync(launcher.root)).toBe(false)
  })

  test('with policy kill a command that ends by itself ends its streams', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1, { policy: 'kill' })
    const followers = [launcher.follow(1, 'stdout'), launcher.follow(1, 'stderr')] as const
    const ends = followers.map((follower) => once(follower, 'exit'))
    const texts = Promise.all(followers.map((follower) => read(follower, 4)))
    await control.launch('echo out; echo err >&2; exit 9')
    expect(await texts).toEqual(['out\n', 'err\n'])
    for (const end of ends) expect(await end).toEqual([0, null])
    expect(await control.untilOver()).toMatchObject({ kind: 'ended', record: { status: 9, sizes: null } })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('stdin is a file that came whole', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1, { stdin: '.' })
    const bytes = 'some\0bytes\n'
    const take = launcher.take('stdin', Buffer.byteLength(bytes))
    take.stdin?.end(bytes)
    expect(await once(take, 'exit')).toEqual([0, null])
    const short = launcher.take('short', 100)
    short.stdin?.end('cut')
    expect((await once(short, 'exit'))[0]).not.toBe(0)
    expect(existsSync(`${launcher.dir}/short`)).toBe(false)
    await control.launch('cat')
    await control.untilOver()
    expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe(bytes)
    await control.close()
  })
})
