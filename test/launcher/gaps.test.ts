// --max-output keep: of a long output head and end are kept, and what was between them is a hole that the file `gaps` tells of.
import type { ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect } from 'vitest'
import { edgeOf, parseGaps } from '../../src/domain/gaps.ts'
import type { Hello } from '../../src/transport/protocol.ts'
import { mountDisk } from '../rig/disk.ts'
import { launcherShells, makeLauncher, type TestControl, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { makeSpools } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const spools = makeSpools()
afterAll(spools.cleanUp)

const MAX = 400_000
const EDGE = edgeOf(MAX)
const KEEP = { maxOutput: MAX, onMaxOutput: 'keep' } as const

/** Lines that say where they are: of eight bytes. */
const linesUpTo = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes / 8 }, (_, index) => `${String(index).padStart(7, '0')}\n`).join(''))

const gapIn = ({ dir }: TestLauncher) => parseGaps(readFileSync(`${dir}/gaps`, 'latin1')).stdout

const cksumOf = async (bytes: Buffer): Promise<number> => (await import('../../src/domain/cksum.ts')).cksum(bytes)

const read = async (follower: ChildProcess): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of follower.stdout ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe.concurrent.each(launcherShells.filter((shell) => shell !== 'busybox'))('%s', (shell) => {
  const test = testWith('linux', 'fallocate', shell)

  const run = async (
    script: string,
    change: Partial<Hello> = KEEP,
  ): Promise<{ readonly launcher: TestLauncher; readonly control: TestControl }> => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const control = await launcher.open(1, change)
    await control.launch(script)
    return { launcher, control }
  }

  test('head and end are as they were written, the file keeps its length, and the disk has no more than the limit', async () => {
    const written = linesUpTo(4_000_000)
    const { launcher, control } = await run('seq -f %07g 0 499999; printf few >&2')
    const over = await control.untilOver()
    const stdout = readFileSync(`${launcher.dir}/stdout`)
    const { stdout: gap, stderr } = parseGaps(readFileSync(`${launcher.dir}/gaps`, 'latin1'))
    expect(stderr).toBeUndefined()
    if (gap === undefined) throw new Error('no gap')
    expect(gap.from).toBe(EDGE)
    expect(written.length - gap.to).toBeGreaterThanOrEqual(EDGE)
    expect(stdout.length).toBe(written.length)
    expect(stdout.subarray(0, gap.from).equals(written.subarray(0, gap.from))).toBe(true)
    expect(stdout.subarray(gap.to).equals(written.subarray(gap.to))).toBe(true)
    expect(statSync(`${launcher.dir}/stdout`).blocks * 512).toBeLessThanOrEqual(MAX + 8_192)
    const ends = Buffer.concat([written.subarray(0, EDGE), written.subarray(-EDGE)])
    expect(over).toMatchObject({
      record: {
        status: 0,
        why: 'exit',
        sizes: { stdout: 4_000_000, stderr: 3 },
        checksums: { stdout: await cksumOf(ends) },
      },
    })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a follower that is behind is ended before there are zeros to read, and a later one begins behind the gap', async () => {
    const { launcher, control } = await run('seq -f %07g 0 499999; exec sleep 600')
    // Nobody reads what it says: it stops at what a pipe holds.
    const follower = launcher.follow(1, 'stdout')
    // Node drops at the end what nobody has asked for.
    follower.stdout?.on('readable', () => undefined)
    const killed = new Promise<unknown>((resolve) => follower.on('exit', (_, signal) => resolve(signal)))
    expect(await killed).toBe('SIGKILL')
    const brought = await read(follower)
    const written = linesUpTo(4_000_000)
    expect(brought.equals(written.subarray(0, brought.length))).toBe(true)
    expect(brought.length).toBeLessThan(4_000_000)
    // From the start it brings the head, and no more.
    expect((await read(launcher.follow(1, 'stdout', 8))).equals(written.subarray(8, EDGE))).toBe(true)
    // Within the gap nothing is to be had.
    expect((await read(launcher.follow(1, 'stdout', EDGE))).length).toBe(0)
    const gap = gapIn(launcher)
    const last = launcher.follow(1, 'stdout', gap?.to)
    const behind = written.length - (gap?.to ?? 0)
    let bytes = 0
    last.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await until(() => bytes === behind, { deadline: 10_000, what: 'all that is behind the gap' })
    await control.ask('signal KILL')
    await control.untilOver()
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a follower that begins behind the gap is left alone, also before it has opened the file', async () => {
    const spool = await spools.make()
    const bin = `${spool.root}/slow`
    mkdirSync(bin)
    const wait = `until [ -e ${bin}/go ]; do sleep 0.05; done`
    writeFileSync(`${bin}/tail`, `#!/bin/sh\ncase $* in *' -f '*) ${wait};; esac\nexec ${needProgram('tail')} "$@"\n`)
    chmodSync(`${bin}/tail`, 0o755)
    const launcher = makeLauncher({ ...spool, env: { ...spool.env, PATH: `${bin}:${spool.env['PATH']}` } }, { shell })
    const control = await launcher.open(1, KEEP)
    await control.launch(`seq -f %07g 0 499999; until [ -e ${bin}/end ]; do sleep 0.05; done`)
    const kept = () => ({
      size: statSync(`${launcher.dir}/stdout`).size,
      to: existsSync(`${launcher.dir}/gaps`) ? (gapIn(launcher)?.to ?? 0) : 0,
    })
    await until(() => kept().size === 4_000_000 && kept().to >= 4_000_000 - MAX + EDGE, {
      deadline: 10_000,
      what: 'a gap that is all',
    })
    const { to } = kept()
    const follower = launcher.follow(1, 'stdout', to)
    const chunks: Buffer[] = []
    follower.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    await until(() => readdirSync(`${launcher.dir}/link.1`).some((name) => /^stdout-\d+$/.test(name)), {
      deadline: 5_000,
      what: 'its note',
    })
    // What was said of a gap is made sure of at the end.
    writeFileSync(`${bin}/end`, '')
    await control.untilOver()
    writeFileSync(`${bin}/go`, '')
    const behind = linesUpTo(4_000_000).subarray(to)
    await until(() => Buffer.concat(chunks).equals(behind), { deadline: 10_000, what: 'all that is behind the gap' })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('one that brings the head alone is a single process, which a newer link ends', async () => {
    const change = { ...KEEP, maxOutput: 2_000_000 }
    const { launcher, control } = await run('seq -f %07g 0 499999; exec sleep 600', change)
    await until(() => existsSync(`${launcher.dir}/gaps`), { deadline: 10_000, what: 'a gap' })
    const follower = launcher.follow(1, 'stdout')
    // Nobody reads what it says.
    follower.stdout?.on('readable', () => undefined)
    const killed = new Promise<unknown>((resolve) => follower.on('exit', (_, signal) => resolve(signal)))
    const note = `link.1/head-stdout-${follower.pid}`
    await until(() => existsSync(`${launcher.dir}/${note}`) && launcher.noted(note)?.argv[0] === 'head', {
      deadline: 5_000,
      what: 'a head',
    })
    const newer = await launcher.open(2, change)
    await control.child.exited
    expect(await killed).toBe('SIGKILL')
    expect((await read(follower)).length).toBeLessThan(edgeOf(change.maxOutput))
    await newer.ask('signal KILL')
    await newer.untilOver()
    await newer.close()
    await untilNothingRuns(launcher)
  })

  for (const [title, bytes] of [
    ['before a hole was made', 4_000_000],
    // What is left then fits into a pipe, and nobody watches any more.
    ['at the end', 1_040_000],
  ] as const)
    testWith(
      'linux',
      'root',
      'fallocate',
      'perl',
      shell,
    )(`a disk that is full ${title}`, async () => {
      const spool = await spools.make()
      const disk = mountDisk(`${spool.root}/small`, 1_024)
      try {
        const launcher = makeLauncher(spool, { shell, root: disk.path })
        const control = await launcher.open(1, KEEP)
        await control.launch(`seq -f %07g 0 ${bytes / 8 - 1}`)
        expect(await control.untilOver()).toMatchObject({
          record: { status: 0, sizes: { stdout: bytes, stderr: 0 } },
        })
        const gap = gapIn(launcher)
        expect(gap?.from).toBe(EDGE)
        const written = linesUpTo(bytes)
        const stdout = readFileSync(`${launcher.dir}/stdout`)
        expect(stdout.subarray(0, EDGE).equals(written.subarray(0, EDGE))).toBe(true)
        expect(stdout.subarray(gap?.to).equals(written.subarray(gap?.to))).toBe(true)
        expect(readdirSync(launcher.dir)).not.toContain('gaps.spare')
        await control.close()
        await untilNothingRuns(launcher)
      } finally {
        disk.release()
      }
    })

  test('what a command writes within its grace is kept within the limit, too', async () => {
    const script = 'trap "seq -f %07g 0 499999" TERM; while :; do sleep 0.05; done'
    const { launcher, control } = await run(script, { ...KEEP, timeout: 1, grace: 600 })
    const small = (): boolean => {
      const { size, blocks } = statSync(`${launcher.dir}/stdout`)
      return size === 4_000_000 && blocks * 512 <= MAX + 8_192
    }
    await until(small, { deadline: 10_000, what: 'a hole' })
    await control.ask('signal KILL')
    await control.untilOver()
    await control.close()
    await untilNothingRuns(launcher)
  })
})

testWith('linux', 'busybox')('where no hole can be made it is said before anything is launched', async () => {
  const launcher = makeLauncher(await spools.make(), { shell: 'busybox' })
  const { child, control } = launcher.hail(1, KEEP)
  const greeting = await Promise.race([control.greeted, child.exited])
  expect(greeting).toMatchObject({ declined: { verb: 'refused', words: expect.arrayContaining(['holes']) } })
  await child.exited
  expect(existsSync(launcher.dir)).toBe(false)
})
