// spool.example/ is true: its records load, validate, agree with its files, and are what a job of today leaves.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { hearEvent, nothingTold, tellChanges } from '../../src/domain/job-events.ts'
import { readOwner } from '../../src/spool/chaperones.ts'
import { parseEvents } from '../../src/spool/event-file.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { readAnswer, readOpenRequests } from '../../src/spool/requests.ts'
import type { StateRecord } from '../../src/spool/schema.ts'
import { readSpec } from '../../src/spool/spec.ts'
import { jobOf, readState } from '../../src/spool/state.ts'
import { parseMarks } from '../../src/spool/timeline.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { filesOf, keysOf, runExample } from './example-job.ts'
import { compileSchema, type RecordName, schemaUrl } from './schemas.ts'

const spool = fileURLToPath(new URL('../../spool.example', import.meta.url))
const [id = ''] = readdirSync(join(spool, 'jobs'))
const paths = jobPaths(spool, id)

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

const requestFile = (ext: string): string => {
  const name = readdirSync(paths.requests).find((one) => one.endsWith(ext))
  return join(paths.requests, name ?? `no ${ext}`)
}

describe('the example', () => {
  test('loads', () => {
    expect(readSpec(paths.spec)).toMatchObject({ ok: true, value: { id, host: 'gpu1', name: 'train' } })
    const state = readState(paths.state)
    expect(state).toMatchObject({ ok: true, value: { job: { phase: 'ended', collected: true } } })
    expect(readOwner(paths)).toMatchObject({ number: 1, identity: { host: 'laptop' } })
    expect(readOpenRequests(paths.requests)).toEqual({ requests: [], invalid: new Map() })
    expect(readAnswer(paths.requests, basename(requestFile('.answer'), '.answer'))).toMatchObject({
      value: { result: 'pending' },
    })
  })

  const files: Readonly<
    Record<
      Exclude<RecordName, 'delivery' | 'environment' | 'event' | 'group' | 'history' | 'on-exit' | 'on-exit-claim'>,
      string
    >
  > = {
    spec: paths.spec,
    state: paths.state,
    request: requestFile('.json'),
    answer: requestFile('.answer'),
    chaperone: join(paths.chaperones, '1'),
  }
  test.each(Object.entries(files) as [RecordName, string][])('its %s is as the published schema says', (name, path) => {
    const validate = compileSchema(readFileSync(schemaUrl(name), 'utf8'))
    validate(readJson(path))
    expect(validate.errors).toBeNull()
  })

  test('each line of its events is as the published schema says, and they tell all of its state', () => {
    const text = readFileSync(paths.events, 'utf8')
    const validate = compileSchema(readFileSync(schemaUrl('event'), 'utf8'))
    for (const line of text.trimEnd().split('\n')) {
      validate(JSON.parse(line))
      expect(validate.errors).toBeNull()
    }
    const state = jobOf(readJson(paths.state) as StateRecord)
    const events = parseEvents(text)
    expect(events.map(({ event }) => event)).toEqual([
      'created',
      'started',
      'signal_asked',
      'signal_sent',
      'ended',
      'collected',
    ])
    expect(tellChanges(events.reduce(hearEvent, nothingTold), state, 1)).toEqual([])
  })

  test.each(['stdout', 'stderr'] as const)('its record of %s agrees with the file', (stream) => {
    const state = readState(paths.state)
    if (!state.ok) throw new Error('unreadable')
    const { sizes, ending } = state.value.job
    const said = spawnSync('cksum', { input: readFileSync(paths[stream]), encoding: 'utf8' }).stdout
    expect(said).toBe(`${ending?.record?.checksums[stream]} ${sizes?.[stream]}\n`)
    const marks = parseMarks(readFileSync(paths.timeline, 'utf8')).filter((mark) => mark.stream === stream)
    expect(marks.at(-1)?.size).toBe(statSync(paths[stream]).size)
  })

  test('holds nothing of the machine that it was made on', () => {
    const texts = readdirSync(spool, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath.includes('jobs'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    expect(texts.join('\n')).not.toMatch(/\/tmp|\/home|\/root|127\.0\.0\.1|chap-t-/)
  })

  test('is described file by file and field by field', () => {
    const readme = readFileSync(join(spool, 'README.md'), 'utf8')
    const fields = [...keysOf(readJson(paths.spec)), ...keysOf(readJson(paths.state))].map(
      (key) => key.split('.').at(-1) ?? '',
    )
    const own = ['project', 'SEED', ...fields.filter((field) => /^\d+$/.test(field))]
    expect(fields.filter((field) => !own.includes(field) && !readme.includes(`\`${field}\``))).toEqual([])
    for (const file of [...filesOf(paths.dir).filter((one) => !one.includes('/')), 'doorbell', 'stdin', 'environment'])
      expect(readme).toMatch(new RegExp(`^  .*\\b${file}\\b`, 'm'))
  })
})

const testReal = testWith('linux', 'ssh', 'sshd')

testReal('a job of today leaves the same files with the same keys, and the doorbell', async () => {
  const sshd = await startSshd({ host: 'gpu1' })
  const own = await makeSpool()
  try {
    const job = await runExample(sshd, own)
    expect(filesOf(job.paths.dir)).toEqual([...filesOf(paths.dir), 'doorbell'].toSorted())
    expect(statSync(job.paths.doorbell).isFIFO()).toBe(true)
    const unlessOptions = (key: string): boolean => !key.startsWith('route.options.')
    expect(keysOf(readJson(job.paths.spec)).filter(unlessOptions)).toEqual(keysOf(readJson(paths.spec)))
    expect(keysOf(job.state())).toEqual(keysOf(readJson(paths.state)))
    for (const stream of ['stdout', 'stderr'] as const)
      expect(maskEpochs(job.paths[stream])).toBe(maskEpochs(paths[stream]))
  } finally {
    await cleanUp(own)
    await sshd.stop()
  }
})

/** The signal arrives in an epoch that the machine's load decides. */
const maskEpochs = (path: string): string => readFileSync(path, 'utf8').replace(/after epoch \d/, 'after epoch N')
