// A directory in which nothing was launched: it goes with the last link, unless a chaperone relies on it; and what a reboot left is swept.
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcherShells, makeLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const RACES = 15
const LONG_AGO = new Date(Date.now() - 40 * 86_400_000)

describe.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  test('a link that ends before anything is launched leaves nothing, also one whose greeting nobody reads', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    expect(control.greeting.report).toEqual({ kind: 'absent', fresh: true })
    await control.close()
    expect(existsSync(launcher.root)).toBe(false)
    const late = launcher.hail(2)
    late.child.stdout?.destroy()
    late.child.stdin?.end()
    await late.child.exited
    expect(existsSync(launcher.root)).toBe(false)
    await untilNothingRuns(launcher)
  })

  test('what was prepared stays, and so does what the next link knows', async () => {
    const launcher = makeLauncher(spool, { shell })
    const first = await launcher.open(1)
    expect(await first.ask('prepare')).toMatchObject({ verb: 'absent' })
    await first.close()
    for (const [generation, isKnown] of [
      [2, false],
      [3, true],
    ] as const) {
      const next = await launcher.open(generation, { isKnown })
      expect(next.greeting.report).toEqual({ kind: 'absent', fresh: false })
      await next.close()
    }
    const last = await launcher.open(4, { isKnown: true })
    expect(await last.launch('exit 3')).toBeDefined()
    await last.close()
    expect(existsSync(launcher.dir)).toBe(true)
  })

  test('a directory that is known and not there is gone, and never made again', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(7, { isKnown: true })
    expect(control.greeting.report).toEqual({ kind: 'gone' })
    await control.close()
    expect(existsSync(launcher.root)).toBe(false)
  })

  test('a newer link takes over what an older one would have removed', async () => {
    const launcher = makeLauncher(spool, { shell })
    const older = await launcher.open(1)
    const newer = await launcher.open(2)
    expect(await older.child.exited).toBeNull()
    expect(await newer.ask('prepare')).toMatchObject({ verb: 'absent' })
    await newer.close()
    expect(existsSync(launcher.dir)).toBe(true)
  })

  test(`a newer link that comes while an older one leaves has a directory of its own, ${RACES} times of ${RACES}`, async () => {
    for (let race = 0; race < RACES; race += 1) {
      const launcher = makeLauncher(spool, { shell, root: `${spool.root}/race-${race}` })
      const older = launcher.hail(1)
      await older.control.greeted
      older.child.stdin?.end()
      const newer = await launcher.open(2)
      expect(newer.greeting.report.kind).toBe('absent')
      expect(await newer.ask('prepare')).toMatchObject({ verb: 'absent' })
      await older.child.exited
      expect(await newer.launch('exit 5')).not.toEqual({ kind: 'gone' })
      if ((await newer.status()).kind === 'running') await newer.untilOver()
      expect(await newer.status()).toMatchObject({ kind: 'ended', record: { status: 5 } })
      await newer.ask('discard')
      await newer.child.exited
      expect(existsSync(launcher.root)).toBe(false)
    }
  })

  test("a launch sweeps what nobody came back for in a month, and nothing that is not the launcher's", async () => {
    const launcher = makeLauncher(spool, { shell })
    const directory = (name: string, files: readonly string[], time: Date): void => {
      mkdirSync(`${launcher.root}/${name}`, { recursive: true })
      for (const file of files) {
        writeFileSync(`${launcher.root}/${name}/${file}`, '')
        utimesSync(`${launcher.root}/${name}/${file}`, time, time)
      }
    }
    directory('swept-0123456789abcdef', ['launcher', 'probe', 'command', 'supervisor', 'exit'], LONG_AGO)
    directory('empty-0123456789abcdef', ['launcher', 'probe'], LONG_AGO)
    directory('runs-0123456789abcdef', ['launcher', 'probe', 'command', 'supervisor'], LONG_AGO)
    directory('young-0123456789abcdef', ['launcher', 'probe', 'command', 'supervisor', 'exit'], new Date())
    directory('fresh-0123456789abcdef', ['launcher', 'probe'], new Date())
    directory('mine', ['launcher', 'probe', 'exit'], LONG_AGO)
    directory('not-a-job-of-chap-here-at-all', ['exit'], LONG_AGO)
    directory('mine/swept-0123456789abcdef', ['exit'], LONG_AGO)
    const control = await launcher.open(1)
    await control.launch('exit 0')
    // The sweep comes before the next answer.
    await control.status()
    const own = launcher.dir.slice(launcher.root.length + 1)
    expect(readdirSync(launcher.root).toSorted()).toEqual(
      [
        own,
        ...['runs', 'young', 'fresh'].map((name) => `${name}-0123456789abcdef`),
        'mine',
        'not-a-job-of-chap-here-at-all',
      ].toSorted(),
    )
    expect(readdirSync(`${launcher.root}/mine`)).toContain('swept-0123456789abcdef')
    await control.close()
  })
})
