// What the launcher records of a command, under every shell that it must run under.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import type { ExitRecord, Report } from '../../src/domain/report.ts'
import type { Output } from '../../src/transport/protocol.ts'
import { launcherShells, makeLauncher, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { untilSeen } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** Runs a command to its end. */
const run = async (launcher: TestLauncher, script: string): Promise<ExitRecord> => {
  const control = await launcher.open(1)
  const launched = await control.launch(script)
  const over = launched.kind === 'running' ? await control.untilOver() : launched
  await control.close()
  return recordOf(over)
}

const recordOf = (report: Report): ExitRecord => {
  if (report.kind !== 'ended') throw new Error(`expected an end: ${JSON.stringify(report)}`)
  return report.record
}

/** By the cksum of the launcher's own PATH; null where there is none, as in some BusyBoxes. */
const cksum = ({ env, dir }: TestLauncher, stream: string): number | null => {
  const { stdout } = spawnSync('cksum', { env, input: readFileSync(`${dir}/${stream}`), encoding: 'utf8' })
  return stdout === null ? null : Number.parseInt(stdout, 10)
}

describe.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  test('records status, sizes, checksums and times', async () => {
    const launcher = makeLauncher(spool, { shell })
    const before = Date.now() / 1000
    const record = await run(launcher, `printf 'out\\0put'; printf 'an error' >&2; exit 42`)
    expect(record).toMatchObject({ status: 42, why: 'exit', late: false, sizes: { stdout: 7, stderr: 8 } })
    expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe('out\0put')
    expect(readFileSync(`${launcher.dir}/stderr`, 'utf8')).toBe('an error')
    for (const stream of ['stdout', 'stderr'] as const) expect(record.checksums[stream]).toBe(cksum(launcher, stream))
    // busybox date(1) knows whole seconds only
    expect(record.start).toBeGreaterThanOrEqual(Math.floor(before))
    expect(record.end).toBeGreaterThanOrEqual(record.start)
    expect(record.end).toBeLessThanOrEqual(Date.now() / 1000)
    await untilNothingRuns(launcher)
  })

  test('says the output with the end, where it is short, byte for byte', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    writeFileSync(`${spool.root}/every`, every)
    const said = async (script: string): Promise<Output | undefined> => {
      const launcher = makeLauncher(spool, { shell })
      const control = await launcher.open(1)
      const launched = await control.launch(script)
      if (launched.kind === 'running') await control.untilOver()
      const output = control.output()
      await control.ask('discard')
      return output
    }
    const file = `${spool.root}/every`
    expect(await said(`cat ${file}; cat ${file} ${file} >&2`)).toEqual({
      stdout: every,
      stderr: Buffer.concat([every, every]),
    })
    expect(await said('exit 0')).toEqual({ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) })
    expect(await said(`cat ${file} ${file}; cat ${file} ${file} >&2`)).toBeUndefined()
  })

  test('leaves the command the locale of its session, which is not its own', async () => {
    for (const [prefix, found] of [
      [['env', 'LC_ALL=POSIX'], 'LC_ALL=POSIX'],
      [['env', '-u', 'LC_ALL'], 'none'],
    ] as const) {
      const launcher = makeLauncher(spool, { shell, prefix, root: `${spool.root}/${found}` })
      await run(launcher, 'env | grep ^LC_ALL= || echo none')
      expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe(`${found}\n`)
    }
  })

  test('records empty streams', async () => {
    const launcher = makeLauncher(spool, { shell })
    const record = await run(launcher, 'exit 0')
    expect(record).toMatchObject({ status: 0, sizes: { stdout: 0, stderr: 0 } })
    expect(record.checksums).toEqual({ stdout: null, stderr: null })
  })

  test('records the CPU time of the command and of what it waited for, and no other', async () => {
    const busy = await run(
      makeLauncher(spool, { shell }),
      'i=0; (while [ $i -lt 200000 ]; do i=$((i + 1)); done); exit 0',
    )
    expect(busy.cpu?.user).toBeGreaterThan(0.03)
    expect((busy.cpu?.user ?? 0) + (busy.cpu?.system ?? 0)).toBeLessThanOrEqual(busy.end - busy.start + 1.1)
  })

  test('a script that opens /dev/stdout and /dev/stderr truncates nothing', async () => {
    const launcher = makeLauncher(spool, { shell })
    await run(launcher, 'echo a; echo b >/dev/stdout; echo c; echo 1 >&2; echo 2 >/dev/stderr; echo 3 >&2')
    expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe('a\nb\nc\n')
    expect(readFileSync(`${launcher.dir}/stderr`, 'utf8')).toBe('1\n2\n3\n')
  })

  test('the command finds every signal at its default', async () => {
    const launcher = makeLauncher(spool, { shell })
    // busybox sh itself ignores SIGQUIT for the last command of a line
    await run(launcher, 'grep -E "^Sig(Ign|Blk)" /proc/self/status; :')
    expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe(
      `SigBlk:\t${'0'.repeat(16)}\nSigIgn:\t${'0'.repeat(16)}\n`,
    )
  })

  // By signals from elsewhere: bash and zsh themselves ignore SIGQUIT.
  for (const [signal, status] of Object.entries({ INT: 130, QUIT: 131, KILL: 137, TERM: 143 }))
    test(`a command that ends by SIG${signal} has status ${status}`, async () => {
      const launcher = makeLauncher(spool, { shell })
      const control = await launcher.open(1)
      await control.launch('ulimit -c 0; exec sleep 600')
      await untilSeen(
        () => launcher.noted('pid')?.argv.join(' '),
        (argv) => argv === 'sleep 600',
        { deadline: 5_000, what: 'the command' },
      )
      expect((await control.ask(`signal ${signal}`)).verb).toBe('sent=1')
      // Nor does the supervisor's shell say a word of it (`Killed`) where only the command may.
      const silent = { stdout: 0, stderr: 0 }
      expect(recordOf(await control.untilOver())).toMatchObject({ status, why: 'exit', sizes: silent })
      await control.close()
    })

  test('bytes are what was written, in a stream of some size', async () => {
    const launcher = makeLauncher(spool, { shell })
    const record = await run(
      launcher,
      'i=0; while [ $i -lt 3000 ]; do echo "line $i"; echo "$i" >&2; i=$((i + 1)); done',
    )
    const numbers = Array.from({ length: 3000 }, (_, i) => i)
    const wanted = { stdout: numbers.map((i) => `line ${i}\n`).join(''), stderr: numbers.map((i) => `${i}\n`).join('') }
    expect(record.sizes).toEqual({ stdout: wanted.stdout.length, stderr: wanted.stderr.length })
    for (const stream of ['stdout', 'stderr'] as const)
      expect(readFileSync(`${launcher.dir}/${stream}`, 'utf8')).toBe(wanted[stream])
  })

  test('a process left behind that holds the streams delays the record by a moment only', async () => {
    const launcher = makeLauncher(spool, { shell })
    const control = await launcher.open(1)
    await control.launch('echo before; sleep 600 & exit 3')
    const report = await control.untilOver(6_000)
    expect(recordOf(report)).toMatchObject({ status: 3, late: true, sizes: { stdout: 7, stderr: 0 } })
    expect(report).toMatchObject({ groupAlive: true })
    expect((await control.ask('signal KILL')).verb).toBe('sent=1')
    expect(await control.status()).toMatchObject({ groupAlive: false })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a record whose last byte did not get to the disk is read all the same', async () => {
    const launcher = makeLauncher(spool, { shell })
    await run(launcher, 'echo out; exit 4')
    const text = readFileSync(`${launcher.dir}/exit`)
    writeFileSync(`${launcher.dir}/exit`, text.subarray(0, -1))
    const { greeting, close } = await launcher.open(2)
    expect(greeting.report).toMatchObject({ kind: 'ended', record: { status: 4 } })
    await close()
  })

  test('a command that waits for room to begin makes nobody wait for an answer, and a signal ends it unbegun', async () => {
    const launcher = makeLauncher(spool, { shell })
    // As on a full disk: the name that lets the command begin can't be made.
    const ln = `${spool.root}/bin-${shell}/ln`
    rmSync(ln, { force: true })
    writeFileSync(ln, `#!/bin/sh\ncase $2 in */pid) exit 1;; esac\nexec /bin/ln "$@"\n`, { mode: 0o755 })
    const control = await launcher.open(1)
    expect(await control.launch('echo begun')).toMatchObject({ kind: 'running', begun: { pid: null } })
    expect((await control.ask('beat')).verb).toBe('beat')
    await control.ask('signal TERM')
    expect(recordOf(await control.untilOver())).toMatchObject({ status: 143, sizes: { stdout: 0, stderr: 0 } })
    await control.close()
    await untilNothingRuns(launcher)
  })
})

testWith('linux', 'dash')('a dd that knows no ibs, as BusyBox can be built, takes the command as well', async () => {
  const bin = `${spool.root}/bin-dd`
  mkdirSync(bin)
  const refuse = `case "$*" in *ibs=*) echo "dd: invalid argument 'ibs=1'" >&2; exit 1;; esac`
  writeFileSync(`${bin}/dd`, `#!/bin/sh\n${refuse}\nexec ${needProgram('dd')} "$@"\n`, { mode: 0o755 })
  const launcher = makeLauncher(spool, { shell: 'dash', prefix: ['env', `PATH=${bin}:${process.env['PATH']}`] })
  expect(await run(launcher, 'echo whole; exit 3')).toMatchObject({ status: 3, sizes: { stdout: 6, stderr: 0 } })
  await untilNothingRuns(launcher)
})
