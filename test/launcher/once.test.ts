// The command begins at most once, whoever launches it how often; and nothing but the job outlives a control session.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { commandText } from '../../src/transport/command-text.ts'
import { launcherShells, makeLauncher, untilNothingRuns } from '../rig/launcher.ts'
import type { Process } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { untilSeen } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const RACES = 8

describe.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  test('launching twice is launching once', async () => {
    const launcher = makeLauncher(spool, { shell })
    const runs = `${spool.root}/runs`
    const control = await launcher.open(1)
    expect(control.greeting).toEqual({ dir: launcher.dir, report: { kind: 'absent', fresh: true } })
    const script = `echo x >>'${runs}'; exec sleep 600`
    const first = await control.launch(script)
    expect(first).toMatchObject({ kind: 'running' })
    expect(await control.launch(script)).toEqual(first)
    expect((await control.ask('signal KILL')).verb).toBe('sent=1')
    expect(await control.untilOver()).toMatchObject({ kind: 'ended', record: { status: 137 } })
    expect(await control.launch(script)).toMatchObject({ kind: 'ended', record: { status: 137 } })
    expect(readFileSync(runs, 'utf8')).toBe('x\n')
    await control.close()
  })

  test(`two control sessions that race to launch: the command begins once, ${RACES} times of ${RACES}`, async () => {
    for (let race = 0; race < RACES; race += 1) {
      const root = `${spool.root}/race-${race}`
      const runs = `${root}.runs`
      const launcher = makeLauncher(spool, { shell, root })
      const text = commandText({ ...launcher.spec, program: { argv: ['sh', '-c', `echo x >>'${runs}'; exit 5`] } })
      // Neither waits for its greeting: the launches meet somewhere in the middle, and the newer link may end the older one.
      const [older, newer] = [launcher.hail(1), launcher.hail(2)]
      const request = `launch ${Buffer.byteLength(text)}`
      void older.control.ask(request, text)
      const answered = await Promise.race([newer.control.ask(request, text), newer.child.exited])
      expect(answered).toMatchObject({ number: 1 })
      older.child.stdin?.end()
      await older.child.exited
      newer.child.stdin?.end()
      await newer.child.exited
      const last = await launcher.open(3)
      if (last.greeting.report.kind === 'running') await last.untilOver()
      expect(await last.status()).toMatchObject({ kind: 'ended', record: { status: 5 } })
      expect(readFileSync(runs, 'utf8')).toBe('x\n')
      await last.close()
    }
  })

  test('launching where the directory was deleted begins nothing', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    rmSync(launcher.root, { recursive: true })
    // Nothing of a command that can't be kept is taken for a request.
    expect(await control.launch(`echo x >>'${spool.root}/runs'\n9 discard\n9 discard\n`)).toEqual({ kind: 'gone' })
    expect(await control.status()).toEqual({ kind: 'gone' })
    await control.close()
    await untilNothingRuns(launcher)
    expect(existsSync(`${spool.root}/runs`)).toBe(false)
  })

  test('the end of a control session leaves the job and nothing else', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.launch('exec sleep 600')
    await control.close()
    // That it has begun is said before it becomes what it is to be.
    const isCommand = (found?: Process): boolean => found?.argv.join(' ') === 'sleep 600'
    const command = await untilSeen(() => launcher.noted('pid'), isCommand, { deadline: 5_000, what: 'the command' })
    const supervisor = launcher.noted('supervisor')
    // the command, the supervisor, and a recorder for each stream
    const others = launcher.processes().filter(({ pid }) => pid !== command?.pid && pid !== supervisor?.pid)
    expect(
      others.every(({ ppid }) => ppid === supervisor?.pid),
      JSON.stringify(others),
    ).toBe(true)
    const again = await launcher.open(2)
    expect(again.greeting.report).toMatchObject({ kind: 'running', begun: { pid: command?.pid } })
    await again.ask('signal KILL')
    await again.untilOver()
    await again.close()
    await untilNothingRuns(launcher)
  })

  test('discarding leaves neither a file nor a process', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.launch('echo done')
    if ((await control.status()).kind === 'running') await control.untilOver()
    const follower = launcher.follow(1, 'stdout')
    await new Promise((resolve) => follower.stdout?.once('data', resolve))
    expect(await control.ask('discard')).toMatchObject({ verb: 'discarded', words: ['0'] })
    expect(await control.child.exited).toBe(0)
    expect(existsSync(launcher.root)).toBe(false)
    await untilNothingRuns(launcher)
  })
})
