// A stdin that stays open: what is fed gets to the command once and at once, whoever feeds it again, and nothing waits for a command that reads nothing.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcherShells, makeLauncher, type TestControl, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** @returns the size that the launcher's file has then */
const feed = async (control: TestControl, at: number, bytes: Uint8Array): Promise<number> => {
  const { words } = await control.ask(`feed ${at} ${bytes.length} ${Math.floor(at / 65_536)} ${at % 65_536}`, bytes)
  return Number(words[0])
}

const eof = async (control: TestControl, at: number): Promise<readonly string[]> =>
  (await control.ask(`eof ${at}`)).words

describe.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  const start = async (script: string): Promise<{ launcher: TestLauncher; control: TestControl }> => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1, { stdin: '+.' })
    expect(await control.launch(script)).toMatchObject({ kind: 'running' })
    return { launcher, control }
  }

  const stdoutOf = (launcher: TestLauncher): string => readFileSync(`${launcher.dir}/stdout`, 'utf8')
  const untilStdout = (launcher: TestLauncher, text: string): Promise<true> =>
    until(() => stdoutOf(launcher) === text, { deadline: 5_000, what: `stdout ${JSON.stringify(text)}` })

  test('a line comes at once, a doubled or misplaced one never, and eof is the end', async () => {
    const { launcher, control } = await start('while read -r l; do echo "got $l"; done; echo over')
    expect(await feed(control, 0, Buffer.from('one\n'))).toBe(4)
    await untilStdout(launcher, 'got one\n')
    expect(await feed(control, 0, Buffer.from('one\n'))).toBe(4)
    expect(await feed(control, 9, Buffer.from('far\n'))).toBe(4)
    expect(await eof(control, 9)).toEqual(['4', '0'])
    expect(await feed(control, 4, Buffer.from('two\n'))).toBe(8)
    await untilStdout(launcher, 'got one\ngot two\n')
    expect(await eof(control, 8)).toEqual(['8', '1'])
    expect(await control.untilOver()).toMatchObject({ kind: 'ended', record: { status: 0, late: false } })
    expect(stdoutOf(launcher)).toBe('got one\ngot two\nover\n')
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('1 MB of any bytes, in pieces of any length, the link lost in between', async () => {
    const bytes = randomBytes(1_000_000)
    const { launcher, control } = await start('cat')
    expect(await feed(control, 0, bytes.subarray(0, 65_536))).toBe(65_536)
    expect(await feed(control, 65_536, bytes.subarray(65_536, 70_001))).toBe(70_001)
    // Cut in the middle of a piece.
    control.child.stdin?.write('9 feed 70001 50000 1 4465\n')
    control.child.stdin?.write(bytes.subarray(70_001, 90_000))
    const second = await launcher.open(2, { stdin: '+.' })
    let size = await feed(second, 0, new Uint8Array())
    expect(size).toBe(70_001)
    while (size < bytes.length) {
      const next = await feed(second, size, bytes.subarray(size, size + 65_536))
      expect(next).toBe(Math.min(bytes.length, size + 65_536))
      size = next
    }
    await eof(second, size)
    expect(await second.untilOver()).toMatchObject({ kind: 'ended', record: { status: 0 } })
    expect(readFileSync(`${launcher.dir}/stdout`).equals(bytes)).toBe(true)
    await second.close()
    await untilNothingRuns(launcher)
  })

  test('a command that reads nothing holds nobody up, and its end ends the feeder', async () => {
    const { launcher, control } = await start('exec sleep 600')
    const piece = randomBytes(65_536)
    for (let at = 0; at < 10 * piece.length; at += piece.length)
      expect(await feed(control, at, piece)).toBe(at + piece.length)
    for (let i = 0; i < 50; i += 1) await feed(control, 0, new Uint8Array())
    expect(await control.status()).toMatchObject({ kind: 'running' })
    expect((await control.ask('signal TERM')).verb).toBe('sent=1')
    expect(await control.untilOver()).toMatchObject({ record: { status: 143, late: false } })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a command that closes its stdin goes on, and so does who feeds it', async () => {
    const { launcher, control } = await start('read -r l; exec <&-; echo "got $l"; until [ -e go ]; do sleep 0.1; done')
    await feed(control, 0, Buffer.from('one\n'))
    await untilStdout(launcher, 'got one\n')
    for (const at of [4, 8, 12]) expect(await feed(control, at, Buffer.from('two\n'))).toBe(at + 4)
    expect(await eof(control, 16)).toEqual(['16', '1'])
    await until(() => launcher.noted('feeder') === undefined, { deadline: 5_000, what: 'the end of the feeder' })
    expect(await control.status()).toMatchObject({ kind: 'running' })
    await control.ask('signal KILL')
    await control.untilOver()
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a command that ends at once leaves no feeder; one left behind that holds stdin does not either', async () => {
    const { launcher, control } = await start('(exec sleep 600 <&0) >/dev/null 2>&1 3>&- & sleep 0.2; exit 4')
    expect(await control.untilOver()).toMatchObject({ record: { status: 4, late: false } })
    await until(() => launcher.noted('feeder') === undefined, { deadline: 5_000, what: 'the end of the feeder' })
    await control.close()
  })

  test('discarding ends a feeder whose supervisor died', async () => {
    const { launcher, control } = await start('exec sleep 600')
    const supervisor = launcher.noted('supervisor')
    await until(() => launcher.noted('feeder') !== undefined, { deadline: 5_000, what: 'the feeder' })
    process.kill(supervisor?.pid ?? 0, 'SIGKILL')
    await feed(control, 0, Buffer.from('late\n'))
    await until(() => existsSync(`${launcher.dir}/stdin`) && statSync(`${launcher.dir}/stdin`).size === 5, {
      deadline: 5_000,
    })
    await control.ask('signal KILL')
    await control.ask('discard')
    await control.child.exited
    await untilNothingRuns(launcher)
  })
})
