/** Jobs by document from a program: the state document, one job for one id, and what is wrong as data. */
import { inspect, kill, list, startDocument, wait } from 'chap-jobs'
import { afterAll, beforeAll, expect } from 'vitest'
import { enterSpool, good } from '../rig/library.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'

const test = testWith('linux')
let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

test('a document is a job, once under its id; what is wrong is data', async () => {
  const document = { id: 'lib7', program: { command: 'exit 4', cwd: spool.home }, labels: { a: 'b' } }
  const [one, two] = (await Promise.all([startDocument(document), startDocument(document)])).map(good)
  expect(one?.document).toMatchObject({ id: 'lib7', labels: { a: 'b' }, program: { command: 'exit 4' } })
  expect(two?.spec.created).toEqual(one?.spec.created)
  expect(await wait(['lib7'])).toMatchObject([{ exitStatus: 4 }])
  expect(good(await startDocument(document)).document).toMatchObject({ state: 'ended', return_code: 4 })
  expect(await inspect('lib7')).toMatchObject({ return_code: 4 })
  expect(await startDocument({ ...document, timers: { timeout: 5 } })).toEqual({
    ...{ code: 'id_taken', id: 'lib7', places: ['timers.timeout'] },
  })
  expect(await startDocument({ program: { argv: 'x' } })).toMatchObject({
    code: 'document',
    misfits: [{ path: 'program.argv', found: '"x"' }],
  })
  expect(await startDocument({ program: { argv: ['x'] }, host: 'h', route: { transport: 't' } })).toMatchObject({
    code: 'usage',
  })
  expect(good(await list())).toHaveLength(1)
})

test('waitStarted 0 returns when the job is on disk', async () => {
  const started = good(await startDocument({ id: 'lib8', program: { argv: ['sleep', '100'] } }, { waitStarted: 0 }))
  expect(started).toMatchObject({ id: 'lib8', state: null, document: { state: expect.any(String) } })
  expect(await kill('lib8', { grace: 0 })).toMatchObject({ kind: 'ended' })
})
