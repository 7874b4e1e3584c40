/** Jobs by what they have in common: --label and --all, of each command that takes several. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chap } from '../rig/chap.ts'
import { localDraft, makeJob } from '../rig/job.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

let spool: Spool

beforeAll(async () => {
  spool = await makeSpool()
})
afterAll(() => cleanUp(spool))

const start = async (...words: string[]): Promise<string> => (await chap(['start', ...words], { spool })).stdout.trim()
const run = (...args: string[]) => chap(args, { spool })
/** Ids among lines of text, in any order. */
const idsIn = (text: string, ids: readonly string[]): string[] => ids.filter((id) => text.includes(id)).toSorted()

test('each command takes those with a label, or all that it may be about', async () => {
  const a = await start('-l', 'team=ml', '-l', 'kind=x', '-c', 'echo a')
  const b = await start('-l', 'team=ml', '-l', 'kind=y', '-c', 'echo b; exit 3')
  const c = await start('-l', 'team=web', '-c', 'echo c')
  const going = await start('-l', 'team=web', '-c', 'echo d; exec sleep 1000')
  const all = [a, b, c, going]
  const ml = [a, b].toSorted()
  expect(await run('wait', '-l', 'team=ml')).toMatchObject({ exitCode: 3 })
  await run('wait', c)

  // What only looks.
  expect(idsIn((await run('ls', '-q', '-l', 'team=ml')).stdout, all)).toEqual(ml)
  expect(idsIn((await run('ls', '-q', '-a')).stdout, all)).toEqual(all.toSorted())
  expect(idsIn((await run('ls', '-q', '-l', 'team=ml', '-l', 'kind=y')).stdout, all)).toEqual([b])
  expect((await run('logs', '-l', 'team=ml')).stdout.split('\n').toSorted()).toEqual(
    ['', `${a} | a`, `${b} | b`].toSorted(),
  )
  expect(idsIn((await run('logs', '--all')).stdout, all)).toEqual(all.toSorted())
  const attached = await run('attach', '-l', 'team=ml')
  expect([idsIn(attached.stdout, all), attached.exitCode]).toEqual([ml, 3])
  const documents = (text: string): string[] => [JSON.parse(text)].flat().map(({ id }: { id: string }) => id)
  expect(documents((await run('inspect', '--json', '-l', 'team=ml')).stdout).toSorted()).toEqual(ml)
  // Those that go on, of which there is one.
  expect(documents((await run('inspect', '--json', '--all')).stdout)).toEqual([going])
  expect(await run('wait', '--all', '--timeout', '0.1s')).toMatchObject({
    exitCode: 124,
    stderr: expect.stringContaining(going),
  })

  // A chaperone that never came: of --all it alone needs one, of a label those are asked for by name.
  const orphan = makeJob(
    spool,
    localDraft(['true'], {
      labels: { team: 'lost' },
      created: { time: '2026-01-01T00:00:00.000Z', host: 'rig', user: 'rig' },
    }),
  )
  expect(JSON.parse((await run('recover', '--all', '--json')).stdout)).toEqual([
    { id: orphan.spec.id, result: 'recovered' },
  ])
  expect((await run('wait', '-l', 'team=lost')).exitCode).toBe(0)
  expect(JSON.parse((await run('recover', '-l', 'team=web', '--json')).stdout)).toEqual(
    expect.arrayContaining([{ id: going, result: 'attended' }]),
  )

  // What ends, and what removes: only what is over, or goes on.
  expect(await run('kill', '--all', '--grace', '1s')).toMatchObject({ exitCode: 0 })
  expect(await run('attach', going)).toMatchObject({ exitCode: 143, stdout: 'd\n' })
  expect(await run('kill', '-l', 'team=none')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no job is like that'),
  })
  expect(await run('kill')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('say which jobs') })
  expect((await run('rm', '-l', 'team=ml')).exitCode).toBe(0)
  expect(idsIn((await run('ls', '-q', '-a')).stdout, all)).toEqual([c, going].toSorted())
  expect((await run('rm', '--all')).exitCode).toBe(0)
  expect((await run('ls', '-q', '-a')).stdout).toBe('')
}, 90_000)
