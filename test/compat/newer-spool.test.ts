// A spool in which a newer chap has written what this one can't understand: it is said, and nothing is touched.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { type ChapResult, chap } from '../rig/chap.ts'
import { localDraft, makeJob, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

const test = testWith('linux')

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

type Record = Readonly<{ [field: string]: unknown }>

/** What a newer chap may have written, and the word that says so. */
const newer: readonly (readonly [string, 'spec' | 'state', (record: Record) => Record, string])[] = [
  ['a state of format 2', 'state', (state) => ({ ...state, format: 2, state: { deep: 'sleep' } }), 'format 2'],
  ['a spec of format 2', 'spec', () => ({ format: 2, what: 'else' }), 'format 2'],
  ['an unknown state', 'state', (state) => ({ ...state, state: 'paused' }), '"paused"'],
  [
    'an unknown outcome',
    'state',
    (state) => ({ ...state, state: 'ended', outcome: { kind: 'evaporated', by: 'sun' } }),
    '"evaporated"',
  ],
  [
    'an unknown reason',
    'state',
    (state) => ({ ...state, state: 'ended', outcome: { kind: 'refused', reason: 'weather', evidence: '' } }),
    '"weather"',
  ],
]

/** All that lies there, but for what the reading of it changes. */
const photograph = ({ paths }: TestJob): Record =>
  Object.fromEntries(
    readdirSync(paths.dir, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const stats = statSync(`${paths.dir}/${name}`)
        return [name, stats.isFile() ? readFileSync(`${paths.dir}/${name}`, 'latin1') : stats.mode]
      }),
  )

const makeEnded = async (): Promise<TestJob> => {
  const job = makeJob(spool, localDraft(['sh', '-c', 'echo out; exit 7']))
  await job.takeUp()
  await job.untilLeft()
  return job
}

describe.each(newer)('%s', (_, which, change, word) => {
  let usual: TestJob
  let strange: TestJob
  let before: Record
  const run = (...args: readonly string[]): Promise<ChapResult> => chap(args, { spool })
  beforeEach(async () => {
    usual = await makeEnded()
    strange = await makeEnded()
    const path = strange.paths[which]
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record)))
    before = photograph(strange)
  })

  test('ls shows the other jobs as usual, and says which can not be read, and why', async () => {
    const { stdout, stderr, exitCode } = await run('ls')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    const rows = new Map(stdout.split('\n').map((line) => [line.slice(0, 4), line.split('\t')]))
    expect(rows.get(usual.spec.id)?.slice(3, 5)).toEqual(['ended', '7'])
    expect(rows.get(strange.spec.id)?.[3]).toBe(which === 'state' ? 'unreadable' : 'ended')
    const documents = JSON.parse((await run('ls', '--json')).stdout) as { id: string; unreadable: object[] }[]
    expect(documents.find(({ id }) => id === strange.spec.id)?.unreadable).toMatchObject([{ code: 'newer' }])
    expect((await run('inspect', strange.spec.id)).stdout).toContain(word)
  })

  test('what would act on it says why it does not', async () => {
    const { id } = strange.spec
    const commands = [
      ['rm', id],
      ['rm', '--force', id],
    ]
    if (which === 'state')
      commands.push(['attach', id], ['wait', id], ['kill', id], ['logs', '-f', id], ['recover', id])
    for (const args of commands) {
      const { stderr, exitCode } = await run(...args)
      expect(exitCode, args.join(' ')).toBe(125)
      expect(stderr, args.join(' ')).toMatch(/^chap: .*newer chap/m)
      expect(stderr).toContain(word)
      expect(stderr).toContain('hint: use the newer chap')
    }
    expect(photograph(strange)).toEqual(before)
  })

  test('prune and recover leave it as it is', async () => {
    expect((await run('prune', '--older-than', '0')).stdout).toBe(`${usual.spec.id}\n`)
    await run('recover', '--all')
    expect(photograph(strange)).toEqual(before)
  })
})

test('unknown fields are passed over', async () => {
  const job = await makeEnded()
  writeFileSync(
    job.paths.state,
    JSON.stringify({ ...job.state(), weather: 'fine', link: { ...job.state().link, x: [] } }),
  )
  expect((await chap(['attach', job.spec.id], { spool })).exitCode).toBe(7)
  expect((await chap(['rm', job.spec.id], { spool })).exitCode).toBe(0)
})
