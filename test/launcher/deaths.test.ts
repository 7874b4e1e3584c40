// What the launcher says when something of its own has died, or has no room.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcherShells, makeLauncher, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const kill = async (launcher: TestLauncher, ...files: readonly string[]): Promise<void> => {
  const found = files.map((file) => launcher.noted(file))
  expect(found).not.toContain(undefined)
  await killAll(found.filter((one) => one !== undefined))
}

describe.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  test('supervisor and command killed: the status is lost', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.launch('echo some; exec sleep 600')
    await until(() => readFileSync(`${launcher.dir}/stdout`, 'utf8') === 'some\n', { deadline: 5_000, what: 'output' })
    await kill(launcher, 'supervisor', 'pid')
    const lost = { kind: 'lost', why: 'supervisor_died', sizes: { stdout: 5, stderr: 0 } }
    expect(await control.untilOver()).toEqual(lost)
    expect(await control.status()).toEqual(lost)
    expect(await control.launch('echo again')).toEqual(lost)
    await control.close()
    const later = await launcher.open(2)
    expect(later.greeting.report).toEqual(lost)
    await later.close()
    await untilNothingRuns(launcher)
  })

  test('supervisor killed, command alive: it is running until it is not, can be signaled, and is then lost', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.launch('exec sleep 600')
    const pid = launcher.noted('pid')?.pid
    await kill(launcher, 'supervisor')
    expect(await control.status()).toMatchObject({ kind: 'running', begun: { pid } })
    expect((await control.ask('signal TERM')).verb).toBe('sent=1')
    expect(await control.untilOver()).toMatchObject({ kind: 'lost', why: 'supervisor_died' })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('another boot: the status is lost', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.launch('exec sleep 600')
    await kill(launcher, 'supervisor', 'pid')
    await control.close()
    const note = readFileSync(`${launcher.dir}/supervisor`, 'utf8')
    writeFileSync(`${launcher.dir}/supervisor`, note.replace(/\S+\n$/, '00000000-0000-0000-0000-000000000000\n'))
    const later = await launcher.open(2)
    expect(later.greeting.report).toMatchObject({ kind: 'lost', why: 'rebooted' })
    expect((await later.ask('signal KILL')).verb).toBe('sent=0')
    await later.close()
  })
})

describe.each(launcherShells)('%s on a full disk', (shell) => {
  const test = testWith('linux', 'root', 'namespaces', shell)

  test('the record is written when there is room again', async () => {
    const root = `${spool.root}/small`
    const mount = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mkdir -p ${root}; mount -t tmpfs -o size=256k none ${root}; exec "$@"`,
      '-',
    ]
    const launcher = makeLauncher(spool, { shell, root, prefix: mount })
    const control = await launcher.open(1)
    const inside = `/proc/${control.child.pid}/root`
    await control.launch(`cat /dev/zero >'${root}/filler' 2>/dev/null; exit 7`)
    await until(() => existsSync(`${inside}${launcher.dir}/exit.new`), { deadline: 10_000, what: 'the first try' })
    expect(await control.status()).toMatchObject({ kind: 'running' })
    expect(existsSync(`${inside}${launcher.dir}/exit`)).toBe(false)
    rmSync(`${inside}${root}/filler`)
    expect(await control.untilOver()).toMatchObject({
      kind: 'ended',
      record: { status: 7, sizes: { stdout: 0, stderr: 0 } },
    })
    await control.close()
    await untilNothingRuns(launcher)
  })
})
