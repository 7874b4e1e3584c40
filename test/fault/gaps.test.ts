// --max-output keep: head and end of a long output are kept, here and there, with a gap between them that everybody is told of; never zeros for bytes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { edgeOf, type Gap } from '../../src/domain/gaps.ts'
import { attach } from '../../src/index.ts'
import { readGaps } from '../../src/spool/gaps.ts'
import { chap } from '../rig/chap.ts'
import { expectNothingLeft } from '../rig/invariants.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import type { Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'
import { remoteOf, setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd', 'fallocate')
const scene = setScene()
const program = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))

const MAX = 4 * 1024 ** 2
const EDGE = edgeOf(MAX)
/** What a second's output and the blocks at a gap's ends come to at the most, when all is quiet. */
const SLACK = 64 * 1024
const LINE = 16
const limits = {
  giveUpAfter: null,
  timeout: null,
  idleTimeout: null,
  maxOutput: MAX,
  onMaxOutput: 'keep',
  grace: 10,
} as const
const ALERT = { interval: 1, count: 2 }

/** Numbered lines that say where they are. */
const lines = (from: number, to: number): string => `seq -f %015.0f ${from} ${to - 1}`
const waitFor = (file: string): string => `until [ -e ${file} ]; do sleep 0.05; done`
const lineAt = (offset: number): string => `${String(offset / LINE).padStart(LINE - 1, '0')}\n`

/** Is it, from this offset on, what the program wrote there? */
const expectWritten = (bytes: Buffer, offset: number): void => {
  for (let at = (LINE - (offset % LINE)) % LINE; at + LINE <= bytes.length; at += LINE)
    if (bytes.toString('latin1', at, at + LINE) !== lineAt(offset + at))
      throw new Error(`at ${offset + at}: ${JSON.stringify(bytes.toString('latin1', at, at + LINE))}`)
}

const readRange = (path: string, from: number, to: number): Buffer => {
  const fd = openSync(path, 'r')
  const bytes = Buffer.alloc(to - from)
  expect(readSync(fd, bytes, 0, bytes.length, from)).toBe(bytes.length)
  closeSync(fd)
  return bytes
}

const diskOf = (path: string): number => statSync(path).blocks * 512

const gapOf = (job: TestJob): Gap => {
  const gap = readGaps(job.paths).stdout
  if (gap === undefined) throw new Error(`no gap\n${job.log()}`)
  return gap
}

/** The law, but for the gap that is said. */
const expectKept = async (job: TestJob, total: number): Promise<void> => {
  const state = await job.untilLeft()
  expect(state.outcome, job.log()).toEqual({ kind: 'exited', code: 0 })
  expect(state.stdout.size).toBe(total)
  expect(statSync(job.paths.stdout).size).toBe(total)
  const gap = gapOf(job)
  expect(gap.from).toBe(EDGE)
  expect(total - gap.to).toBeGreaterThanOrEqual(EDGE)
  expectWritten(readRange(job.paths.stdout, 0, gap.from), 0)
  expectWritten(readRange(job.paths.stdout, gap.to, total), gap.to)
  expect(diskOf(job.paths.stdout)).toBeLessThanOrEqual(MAX + SLACK)
  // Its ends were compared with those there.
  expect(job.log()).not.toContain('kept:')
  expect(state.remote.collected).toBe(true)
  expectNothingLeft(job, scene.spool)
}

const startThere = async (script: string, spool: Spool = scene.spool, keepalive = ALERT): Promise<TestJob> => {
  const change = { keepalive, cwd: scene.spool.root, limits }
  const job = makeJob(spool, sshDraft(scene.sshd, scene.spool, ['sh', '-c', script], change))
  await job.takeUp()
  return job
}

/** What a reader was given, by the gaps that it was told of. */
const expectShown = (bytes: Buffer, stderr: string, total: number): void => {
  const gaps = [
    ...stderr.matchAll(/^chap: \[\.\.\. .* of stdout not kept \(--max-output\), from byte (\d+) to (\d+) \.\.\.\]$/gm),
  ]
  expect(gaps.length, stderr).toBeGreaterThan(0)
  let [at, offset] = [0, 0]
  for (const [from, to] of [...gaps.map(([, ...ends]) => ends.map(Number)), [total, total]]) {
    const length = (from ?? 0) - offset
    expectWritten(bytes.subarray(at, at + length), offset)
    at += length
    offset = to ?? 0
  }
  expect(bytes.length).toBe(at)
}

const go = (step: string): void => writeFileSync(`${scene.spool.root}/${step}`, '')

const untilSmall = (path: string, size: number): Promise<unknown> =>
  until(() => statSync(path).size === size && diskOf(path) <= MAX + SLACK, {
    deadline: 30_000,
    what: `a small ${path}`,
  })

/** Attached, and reads nothing before it is told to. */
const startStalled = (job: TestJob): { read: () => Promise<{ bytes: Buffer; stderr: string }> } => {
  const words = [
    '-c',
    `"$0" "$1" attach "$2" 2>said | { ${waitFor('read')}; cat; } >read.out`,
    process.execPath,
    program,
    job.spec.id,
  ]
  const child = spawn('sh', words, { cwd: scene.spool.root, env: scene.spool.env, stdio: 'ignore' })
  const ended = once(child, 'close')
  return {
    read: async () => {
      go('read')
      await ended
      const [bytes, stderr] = ['read.out', 'said'].map((name) => readFileSync(`${scene.spool.root}/${name}`))
      return { bytes: bytes ?? Buffer.alloc(0), stderr: `${stderr}` }
    },
  }
}

const COUNT = 1_000_000
const SIZE = COUNT * LINE

describe('over ssh', () => {
  test('a flood over a good link: both disks stay small, and a reader that stalls is told of the gap', async () => {
    const job = await startThere(
      `${lines(0, 1000)}; ${waitFor('a')}; ${lines(1000, COUNT)}; ${waitFor('b')}; ${lines(COUNT, COUNT + 10)}`,
    )
    await job.untilState('running')
    // It stalls when what a pipe takes is full, within the head.
    const reader = startStalled(job)
    await until(() => statSync(job.paths.stdout).size === 16_000, { deadline: 10_000, what: 'the first lines' })
    go('a')
    await untilSmall(`${remoteOf(job)}/stdout`, SIZE)
    await untilSmall(job.paths.stdout, SIZE)
    go('b')
    await expectKept(job, SIZE + 10 * LINE)
    const { bytes, stderr } = await reader.read()
    expectShown(bytes, stderr, SIZE + 10 * LINE)
  })

  test('a cut link: the remote keeps head and end alone, and what comes next lies in its place', async () => {
    const job = await startThere(
      `${lines(0, 1000)}; ${waitFor('a')}; ${lines(1000, COUNT)}; ${waitFor('b')}; ${lines(COUNT, COUNT + 10)}`,
    )
    await until(() => statSync(job.paths.stdout).size === 16_000, { deadline: 10_000, what: 'the first lines' })
    scene.sshd.proxy.hole()
    await job.untilState('reconnecting')
    go('a')
    await untilSmall(`${remoteOf(job)}/stdout`, SIZE)
    expect(statSync(job.paths.stdout).size).toBe(16_000)
    scene.sshd.proxy.heal()
    await until(() => statSync(job.paths.stdout).size === SIZE, { deadline: 30_000, what: 'the end' })
    const gap = gapOf(job)
    expectWritten(readRange(job.paths.stdout, 0, gap.from), 0)
    expectWritten(readRange(job.paths.stdout, gap.to, SIZE), gap.to)
    go('b')
    await expectKept(job, SIZE + 10 * LINE)
  })

  test('a link that stalls while the remote gives up what was not fetched: it goes on behind the gap, and stays', async () => {
    const script = `${lines(0, 1000)}; ${waitFor('a')}; ${lines(1000, COUNT)}; ${waitFor('b')}; ${lines(COUNT, COUNT + 10)}`
    const job = await startThere(script, scene.spool, { interval: 60, count: 3 })
    await until(() => statSync(job.paths.stdout).size === 16_000, { deadline: 10_000, what: 'the first lines' })
    const reader = startStalled(job)
    go('read')
    scene.sshd.proxy.hole()
    go('a')
    await untilSmall(`${remoteOf(job)}/stdout`, SIZE)
    scene.sshd.proxy.heal()
    await until(() => statSync(job.paths.stdout).size === SIZE, { deadline: 30_000, what: 'the end' })
    expect(job.state()).toMatchObject({ state: 'running', link: { generation: 1, lost_at: null } })
    go('b')
    await expectKept(job, SIZE + 10 * LINE)
    const { bytes, stderr } = await reader.read()
    expectShown(bytes, stderr, SIZE + 10 * LINE)
  })

  test('a chaperone that is killed between saying a gap and making it: the next one makes it', async () => {
    const bin = `${scene.spool.root}/bin`
    mkdirSync(bin)
    writeFileSync(
      `${bin}/fallocate`,
      `#!/bin/sh\ncase $* in *stdout) [ ! -e '${bin}/stuck' ] || exec sleep 600;; esac\nexec ${needProgram('fallocate')} "$@"\n`,
    )
    chmodSync(`${bin}/fallocate`, 0o755)
    writeFileSync(`${bin}/stuck`, '')
    const spool = { ...scene.spool, env: { ...scene.spool.env, PATH: `${bin}:${scene.spool.env['PATH']}` } }
    const job = await startThere(`${lines(0, COUNT)}; ${waitFor('b')}; ${lines(COUNT, COUNT + 10)}`, spool)
    await until(() => existsSync(job.paths.gaps), { deadline: 30_000, what: 'a gap' })
    await job.killChaperone()
    rmSync(`${bin}/stuck`)
    await job.takeUp()
    await until(() => diskOf(job.paths.stdout) <= MAX + SLACK && statSync(job.paths.stdout).size === SIZE, {
      deadline: 30_000,
      what: 'the gap',
    })
    go('b')
    await expectKept(job, SIZE + 10 * LINE)
  })

  test('where this machine can make no holes, it is refused, and nothing was run', async () => {
    const bin = `${scene.spool.root}/bin`
    mkdirSync(bin)
    writeFileSync(`${bin}/fallocate`, '#!/bin/sh\necho "not supported" >&2; exit 1\n')
    chmodSync(`${bin}/fallocate`, 0o755)
    const spool = { ...scene.spool, env: { ...scene.spool.env, PATH: `${bin}:${scene.spool.env['PATH']}` } }
    const job = await startThere('touch ran', spool)
    expect((await job.untilLeft()).outcome).toMatchObject({ kind: 'refused', reason: 'no_holes' })
    expect(existsSync(`${scene.spool.root}/ran`)).toBe(false)
    expect((await chap(['inspect', job.spec.id], { spool: scene.spool })).stdout).toContain('--on-max-output kill')
  })
})

test('here: what every reader shows of the gap', async () => {
  const job = makeJob(scene.spool, localDraft(['sh', '-c', lines(0, 400_000)], { limits }))
  await job.takeUp()
  await expectKept(job, 6_400_000)
  const gap = gapOf(job)
  const call = (...words: readonly string[]) => chap([...words, job.spec.id], { spool: scene.spool })
  const logs = await call('logs')
  expectWritten(Buffer.from(logs.stdout.slice(0, gap.from), 'latin1'), 0)
  expectWritten(Buffer.from(logs.stdout.slice(gap.from), 'latin1'), gap.to)
  expect(logs.stderr).toMatch(/^chap: \[\.\.\. [\d.]+M of stdout not kept/)
  expect((await call('logs', '-n', '2')).stdout).toBe(lineAt(6_399_968) + lineAt(6_399_984))
  // More lines than there are behind the gap: those that there are.
  expect(Buffer.byteLength((await call('logs', '-n', '900000')).stdout)).toBe(6_400_000 - gap.to)
  const found = (await call('logs', '--json', '--grep', '399999$')).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(found).toMatchObject([{ gap }, { line: '000000000399999' }])
  expect((await call('logs', '-t', '--grep', '399999$')).stdout).toMatch(/^\S+Z 000000000399999\n$/)
  expect(JSON.parse((await call('inspect', '--json')).stdout)).toMatchObject({
    gaps: { stdout: gap },
    stdout: { size: 6_400_000 },
  })
  expect((await call('inspect')).stdout).toMatch(/gap +[\d.]+M of stdout not kept \(--max-output\), from byte/)
  const told: unknown[] = []
  const attachment = await attach(job.spec.id, { spool: scene.spool.dir, onGap: (one) => told.push(one) })
  if (!('lines' in attachment)) throw new Error(attachment.code)
  let [count, last] = [0, -1]
  for await (const { offset, text, kind } of attachment.lines()) {
    count += 1
    if (kind === 'whole' && offset % LINE === 0 && `${text}\n` !== lineAt(offset)) throw new Error(`${offset}: ${text}`)
    last = offset
  }
  expect({ told, last }).toEqual({ told: [{ stream: 'stdout', ...gap }], last: 6_399_984 })
  expect(count).toBeLessThan(MAX / LINE)
  expect(readFileSync(`${job.paths.dir}/state.json`, 'utf8')).toContain('"size": 6400000')
})
