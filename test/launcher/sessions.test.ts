// Machines without setsid(1): what takes its place is recorded, and gives as much as it can.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcherShells, makeLauncher, untilNothingRuns } from '../rig/launcher.ts'
import type { Process } from '../rig/processes.ts'
import { findProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const ways = ['setsid', 'perl', 'python3', 'nohup'] as const

for (const shell of launcherShells) {
  const test = testWith('linux', shell)
  const possible = ways.filter((way) => way === 'nohup' || (shell === 'busybox' ? way === 'setsid' : findProgram(way)))

  describe.each(possible)(`${shell} with %s`, (way) => {
    const without = ways.slice(0, ways.indexOf(way))

    test('runs the command, tells its end, and signals it', async () => {
      const launcher = makeLauncher(spool, { shell, without })
      const control = await launcher.open(1)
      const running = await control.launch('echo hello; exec sleep 600')
      expect(running).toMatchObject({ kind: 'running', begun: { session: way } })
      const command = launcher.noted('pid')
      const supervisor = launcher.noted('supervisor')
      const leads = (found: Process | undefined): boolean => found?.sid === found?.pid
      expect([leads(command), leads(supervisor)]).toEqual(way === 'nohup' ? [false, false] : [true, true])
      await control.close()
      const again = await launcher.open(2)
      expect(again.greeting.report).toEqual(running)
      expect((await again.ask('signal TERM')).verb).toBe('sent=1')
      expect(await again.untilOver()).toMatchObject({ kind: 'ended', record: { status: 143, late: false } })
      expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe('hello\n')
      await again.close()
      await untilNothingRuns(launcher)
    })
  })
}
