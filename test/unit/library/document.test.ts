// Documents: what the published schema says, what start reads, and what is said of what is wrong.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command } from '../../../src/library/command.ts'
import { readDocument } from '../../../src/library/document.ts'
import { digestAsked, PLACES } from '../../../src/library/document-places.ts'
import { MOST_BYTES, parseDocument } from '../../../src/library/parse-document.ts'
import { speakOfPlaces } from '../../../src/library/place-words.ts'
import { isProblem } from '../../../src/library/problem.ts'
import { differencesOf } from '../../../src/watcher/start-once.ts'
import { compileSchema, schemaUrl } from '../../compat/schemas.ts'

const published = readFileSync(schemaUrl('program'), 'utf8')
const isValid = compileSchema(published)

/** Every field, and those of the notes. */
const whole = {
  id: 'run7',
  name: 'nightly',
  labels: { project: 'demo' },
  host: 'gpu1',
  mode: 'ssh-then-sudo',
  user: 'www',
  route: {
    ...{
      ssh_config: '/etc/ssh/config',
      ssh_options: ['Compression=yes'],
      port: 22,
      identity: '~/.ssh/key',
      jump: 'gate',
    },
    ...{
      via: ['nice'],
      connect_timeout: 2.5,
      keepalive: { interval: 5, count: 2 },
      remote_dir: '/scratch',
      accept_new: true,
    },
  },
  program: {
    argv: ['/path/to/executable', 'arg1', ''],
    cwd: '/path/to/dir',
    env: { VAR1: 'value1', LANG: null },
    inherit: ['PATH', 'HOME'],
    stdin: { file: '/data/input' },
  },
  series: { every: 10, count: 3, initial_delay: 0.5, jitter: 1, overrun: 'now' },
  timers: { timeout: 60, idle_timeout: 5, grace: 0 },
  policy: { on_disconnect: 'keep', lease: 3600, give_up_after: 90, max_output: 65_536 },
  callback: { url: 'https://agenthost:8050/api', method: 'PUT', token: 'secret', ca: '/etc/ca.pem' },
  config: { retry_frequency: 10, timeout: 86400, output_buffer: 65536, output_latency: 1 },
  on_exit: 'logger done',
  log_file: '/var/log/jobs',
}

const commandOf = (document: unknown): Command => {
  const read = readDocument(document)
  if (isProblem(read)) throw new Error(JSON.stringify(read))
  return read.command
}

const misfitsOf = (document: unknown): unknown => {
  const read = readDocument(document)
  return isProblem(read) && read.code === 'document' ? read.misfits : read
}

describe('reading', () => {
  test('each field has its option', () => {
    expect(commandOf(whole)).toEqual({
      ...{ id: 'run7', name: 'nightly', label: { project: 'demo' }, host: 'gpu1', sudo: 'www' },
      ...{
        sshConfig: '/etc/ssh/config',
        sshOption: ['Compression=yes'],
        port: 22,
        identity: '~/.ssh/key',
        jump: 'gate',
      },
      ...{
        via: ['nice'],
        connectTimeout: 2500,
        keepalive: { interval: 5, count: 2 },
        remoteDir: '/scratch',
        acceptNew: true,
      },
      ...{ program: ['/path/to/executable', 'arg1', ''], cwd: '/path/to/dir', stdin: '/data/input' },
      ...{ env: { VAR1: 'value1' }, unset: ['LANG'], inherit: ['PATH', 'HOME'] },
      ...{ every: 10_000, count: 3, initialDelay: 500, jitter: 1000, overrun: 'now' },
      ...{ timeout: 60_000, idleTimeout: 5000, grace: 0, onDisconnect: 'keep', lease: 3_600_000, giveUpAfter: 90_000 },
      ...{ maxOutput: 65_536 },
      callback: {
        ...{ url: 'https://agenthost:8050/api', method: 'PUT', token: 'secret', ca: '/etc/ca.pem' },
        ...{ retryFrequency: 10_000, timeout: 86_400_000, outputBuffer: 65_536, outputLatency: 1000 },
      },
      ...{ onExit: 'logger done', logFile: '/var/log/jobs' },
    })
  })

  test('every place of an option is a field of the schema, and every field is read', () => {
    const fields = fieldsOf(JSON.parse(published))
    const special = /^(id|mode|user|program\.(argv|command|env|stdin)|route\.transport|callback\.\w+|config\.\w+)$/
    expect(fields.filter((field) => !special.test(field)).toSorted()).toEqual(Object.values(PLACES).toSorted())
  })

  test('null is what is not given', () => {
    const { program: _, ...others } = Object.fromEntries(Object.keys(whole).map((key) => [key, null]))
    expect(commandOf({ ...others, program: { argv: null, command: 'true', cwd: null, stdin: null } })).toEqual({
      program: 'true',
      env: {},
      unset: [],
    })
  })

  test.each([
    ['text', Buffer.from('text')],
    ['', Buffer.from('')],
    ['open', Buffer.from('open')],
    [{ open: true }, 'open'],
    [{ file: '/f' }, '/f'],
  ])('stdin %j', (stdin, read) => {
    expect(commandOf({ program: { argv: ['x'], stdin } }).stdin).toEqual(read)
  })

  test.each([
    [{ host: 'h', user: 'u' }, { host: 'u@h' }],
    [{ host: 'ssh://h:22', mode: 'ssh-as', user: 'u' }, { host: 'ssh://u@h:22' }],
    [
      { host: 'h', mode: 'sudo-then-ssh', user: 'u' },
      { host: 'h', sudoFirst: 'u' },
    ],
    [{ host: 'h', mode: 'direct' }, { host: 'h' }],
    [{ user: 'u' }, { sudo: 'u' }],
    [{ mode: 'local' }, {}],
  ])('a mode: %j', (reach, options) => {
    expect(commandOf({ ...reach, program: { argv: ['x'] } })).toEqual({
      program: ['x'],
      env: {},
      unset: [],
      ...options,
    })
  })

  test.each([
    { host: 'h', mode: 'local' },
    { mode: 'direct' },
    { host: 'h', mode: 'direct', user: 'u' },
    { host: 'h', mode: 'ssh-as' },
    { host: 'v@h', user: 'u' },
    { host: 'h', user: 'u', route: { sudo: 'w' } },
    { config: { timeout: 1 } },
  ])('refuses what contradicts itself: %j', (part) => {
    expect(readDocument({ ...part, program: { argv: ['x'] } })).toMatchObject({ code: 'usage' })
  })
})

describe('what is wrong', () => {
  test('all of it is said, with path, what was expected, and what was found', () => {
    expect(
      misfitsOf({
        program: { argv: ['x', 7], cwd: '', env: { A: 1 }, inherit: 'PATH', stdin: { file: 'relative' } },
        timers: { timeout: '60' },
        series: { jitter: -1 },
        labels: ['a'],
        'a b': 1,
        zip: null,
      }),
    ).toEqual([
      { path: 'labels', expected: 'an object', found: 'a list' },
      { path: 'program.argv[1]', expected: 'text', found: '7' },
      { path: 'program.cwd', expected: 'text that is not empty', found: '""' },
      { path: 'program.env.A', expected: 'text, or null', found: 'a number' },
      { path: 'program.inherit', expected: 'true, false, or a list of names', found: '"PATH"' },
      { path: 'program.stdin.file', expected: 'an absolute path', found: 'text' },
      { path: 'series.every', expected: 'a value: it is required', found: 'nothing' },
      { path: 'series.jitter', expected: 'a number of seconds, 0 or more', found: '-1' },
      { path: 'timers.timeout', expected: 'a number of seconds', found: '"60"' },
      { path: '["a b"]', expected: 'nothing (there is no such field)', found: 'a number' },
      { path: 'zip', expected: 'nothing (there is no such field)', found: 'null' },
    ])
  })

  test.each([
    [null, 'null'],
    [[], 'a list'],
    ['{}', '"{}"'],
    [undefined, 'nothing'],
  ])('the whole is none: %j', (document, found) => {
    expect(misfitsOf(document)).toEqual([{ path: '', expected: 'an object', found }])
  })

  test('one of argv and command', () => {
    for (const program of [{}, { argv: ['x'], command: 'x' }, { argv: null }, { argv: [] }])
      expect(misfitsOf({ program }), JSON.stringify(program)).toHaveLength(1)
  })

  test('a value that may be a secret is not shown', () => {
    const misfits = misfitsOf({
      program: { argv: ['x'], env: { A: 4711 }, stdin: 4711 },
      callback: { url: 'http://h', token: 4711 },
      token: '4711',
    })
    expect(misfits).toHaveLength(4)
    expect(JSON.stringify(misfits)).not.toContain('4711')
  })

  test('names that valibot would pass over', () => {
    const document = JSON.parse('{"program":{"argv":["x"],"env":{"constructor":"1","__proto__":"2"}}}')
    expect(misfitsOf(document)).toMatchObject([{ path: 'program.env.constructor' }, { path: 'program.env.__proto__' }])
  })

  test('text that no bytes stand for', () => {
    const document = JSON.parse('{"program":{"argv":["x","\\ud800"],"env":{"\\udfff":"1"}}}')
    expect(misfitsOf(document)).toMatchObject([{ path: 'program.argv[1]' }, { path: 'program.env["\\udfff"]' }])
  })

  test('words of the command line are those of the document', () => {
    const message = '--idle-timeout needs output; --timeout limits it; -c, --nothing'
    expect(speakOfPlaces({ code: 'usage', message })).toEqual({
      code: 'usage',
      message: 'timers.idle_timeout needs output; timers.timeout limits it; -c, --nothing',
    })
  })
})

describe('text', () => {
  test.each([
    ['{"a": 1,\n "b": }', 2, 7],
    ['{"a": 1', 1, 8],
    ['not json', 1, 1],
    ['{"a": {"b": 1,\n"b": 2}}', 2, 1],
    ['{} {}', 1, 4],
    ['{"a": 1, // no\n}', 1, 10],
    ['', 1, 1],
  ])('%j is wrong at line %d, column %d', async (text, line, column) => {
    expect(await parseDocument(text)).toMatchObject({ ok: false, fault: { code: 'syntax', line, column } })
  })

  test('is bounded in length and in depth', async () => {
    expect(await parseDocument(`"${'x'.repeat(MOST_BYTES)}"`)).toEqual({
      ok: false,
      fault: { code: 'too_long', most: MOST_BYTES },
    })
    expect(await parseDocument('['.repeat(1_000_000))).toMatchObject({ ok: false, fault: { code: 'syntax' } })
  })

  test('JSON is read as JSON.parse reads it, and nothing else is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((text) => text.slice(1)),
        ),
        async (text) => {
          const parsed = await parseDocument(text)
          const known = attemptJson(text)
          const isTwice = !parsed.ok && parsed.fault.code === 'syntax' && parsed.fault.detail.endsWith('is there twice')
          expect(parsed.ok ? { value: parsed.value } : undefined).toEqual(isTwice ? undefined : known)
        },
      ),
    )
  })
})

describe('the published schema', () => {
  test('takes what start takes, and nothing else', () => {
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(anyDocument(), (document) => {
        const isTaken = !isMisfit(document)
        seen[isTaken ? 'taken' : 'refused'] += 1
        expect(isValid(document), JSON.stringify(isValid.errors)).toBe(isTaken)
      }),
      { numRuns: 2_000 },
    )
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(200)
  })
})

test("the manual's example, and that of the notes, are documents", async () => {
  const manual = readFileSync(new URL('../../../src/manual/programs.md', import.meta.url), 'utf8')
  const [, example = ''] = /## Programs by document[\s\S]*?```json\n([\s\S]*?)```/.exec(manual) ?? []
  const notes = {
    program: {
      ...{ argv: ['/path/to/executable', 'arg1', 'arg2'], cwd: '/path/to/dir' },
      ...{ env: { VAR1: 'value1', VAR2: 'value2' }, stdin: null },
    },
    callback: {
      url: 'https://agenthost:8050/api/v1/agent/PROG-ID',
      method: 'GET',
      token: 'kHJBeIu1r0Xhb9y0FGeDU-sVPPfmoqaMlNSAw0L9ipU',
    },
    config: { retry_frequency: 10, timeout: 86_400, output_buffer: 65_536, output_latency: 1 },
  }
  const parsed = await parseDocument(example)
  for (const document of [parsed.ok ? parsed.value : undefined, notes]) {
    expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true)
    expect(commandOf(document)).toMatchObject({ callback: { outputBuffer: 65_536, timeout: 86_400_000 } })
  }
})

describe('what was asked', () => {
  const digest = (document: unknown, id = 'run7') => digestAsked(id, commandOf(document))
  const differ = (one: unknown, other: unknown) => differencesOf(digest(one), digest(other))
  const small = { program: { argv: ['x'] } }

  test('is the same whatever the order, what is null, what is a default, and the token', () => {
    const other = JSON.parse(JSON.stringify({ ...whole, id: 'other1' }), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    )
    expect(differ(whole, { ...other, callback: { ...whole.callback, token: 'another' } })).toEqual([])
    const said = { ...small, labels: {}, policy: { on_disconnect: 'keep' }, timers: { grace: 10 }, name: null }
    expect(differ(small, { ...said, program: { argv: ['x'], env: {}, inherit: true } })).toEqual([])
    const [calling, asIs] = [
      { ...small, callback: { url: 'http://h' } },
      { method: 'POST', url: 'http://h' },
    ]
    const config = { retry_frequency: 10, timeout: 86_400, output_buffer: 65_536, output_latency: 1 }
    expect(differ(calling, { ...small, callback: asIs, config })).toEqual([])
    expect(differ(calling, { ...small, callback: asIs, config: { ...config, timeout: 1 } })).toEqual(['callback'])
  })

  test('is another at the places that differ', () => {
    expect(differ(small, { program: { argv: ['x', ''] }, host: 'h', timers: { timeout: 1 } })).toEqual([
      ...['host', 'program.argv', 'timers.timeout'],
    ])
    expect(differ(small, { program: { command: 'x' } })).toEqual(['program.argv', 'program.command'])
    const withEnv = (env: unknown) => ({ program: { argv: ['x'], env } })
    expect(differ(withEnv({ A: '1' }), withEnv({ A: '2' }))).toEqual(['program.env'])
    expect(differ(withEnv({ A: '' }), withEnv({ A: null }))).toEqual(['program.env'])
    expect(differ(small, { program: { argv: ['x'], inherit: false } })).toEqual(['program.inherit'])
    expect(differ({ program: { argv: ['x'], stdin: 'a' } }, { program: { argv: ['x'], stdin: 'b' } })).toEqual([
      'program.stdin',
    ])
  })

  test('says nothing of a secret, and of two jobs with the same nothing', () => {
    const asked = { ...small, program: { argv: ['x'], env: { PIN: '4711' } } }
    expect(JSON.stringify(digest(asked))).not.toContain('4711')
    expect(
      Object.values(digest(asked, 'one')).filter((one) => Object.values(digest(asked, 'two')).includes(one)),
    ).toEqual([])
  })
})

/** Paths of all that is no object in itself. */
const fieldsOf = (schema: Record<string, unknown>): string[] => {
  const found: string[] = []
  const walk = (node: Record<string, unknown>, path: string[]): void => {
    const parts = (node['anyOf'] as Record<string, unknown>[] | undefined) ?? [node]
    const inner = path.join('.') === 'program.stdin' || path.join('.') === 'route.keepalive'
    const properties = parts.map((part) => part['properties'] as Record<string, unknown> | undefined).find(Boolean)
    if (properties === undefined || inner) found.push(path.join('.'))
    else for (const [key, value] of Object.entries(properties)) walk(value as Record<string, unknown>, [...path, key])
  }
  walk(schema, [])
  return found
}

const isMisfit = (document: unknown): boolean => {
  const read = readDocument(document)
  return isProblem(read) && read.code === 'document'
}

const attemptJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Whole ones with something added, left out, or put in the place of something. */
const anyDocument = (): fc.Arbitrary<unknown> => {
  const paths = fieldsOf(JSON.parse(published)).map((path) => path.split('.'))
  const places = [
    ...paths,
    ...paths.map((path) => path.slice(0, -1)),
    ['program', 'argv', '0'],
    ['zip'],
    ['route', 'zip'],
  ]
  const fixed: readonly unknown[] = [
    ...[null, '', '/p', 'x', 0, 1, -1, 1.5, 70_000, true, false, 'keep', 'none', 'local', [], {}, ['x'], [''], [1]],
    ...[{ file: '/f' }, { file: 'f' }, { open: true }, { A: 'x' }, { A: 1 }, { A: null }],
  ]
  const value = fc.oneof(fc.constantFrom(...fixed), fc.jsonValue({ maxDepth: 2 }))
  const change = fc.record({ path: fc.constantFrom(...places), value: fc.option(value, { nil: undefined }) })
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const document = structuredClone(whole) as Record<string, unknown>
    for (const one of changes) put(document, one.path, one.value)
    return document
  })
}

const put = (target: unknown, [key = '', ...rest]: readonly string[], value: unknown): void => {
  if (typeof target !== 'object' || target === null || key === '') return
  const object = target as Record<string, unknown>
  if (rest.length > 0) put(object[key], rest, value)
  else if (value === undefined) delete object[key]
  else object[key] = structuredClone(value)
}
