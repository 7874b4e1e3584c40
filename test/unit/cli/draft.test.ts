/** What is typed becomes what is asked. */
import { expect, test } from 'vitest'
import type { Context } from '../../../src/cli/context.ts'
import { draftJob } from '../../../src/cli/draft.ts'
import { readHost } from '../../../src/cli/host.ts'
import type { StartOptions } from '../../../src/cli/start-options.ts'

const output = { isTerminal: false, columns: 80, write: () => Promise.resolve(true) }
const context: Context = {
  env: { HERE: 'value' },
  spool: '/spool',
  stdout: output,
  stderr: output,
  now: () => 0,
  cwd: () => '/work',
  self: () => ({ user: 'me', host: 'here', pid: 1 }),
  readInput: () => Buffer.alloc(0),
  askSecret: () => undefined,
  onSignal: () => () => undefined,
}
const options: StartOptions = { onDisconnect: 'keep', keepalive: { interval: 15, count: 3 }, connectTimeout: 10_000 }

test('a local job runs here, a remote one at home there', () => {
  expect(draftJob(context, undefined, ['ls', '-l'], options)).toMatchObject({
    host: null,
    route: { kind: 'local' },
    program: { argv: ['ls', '-l'] },
    cwd: '/work',
    connectTimeout: 10,
    created: { time: '1970-01-01T00:00:00.000Z', host: 'here', user: 'me' },
  })
  expect(draftJob(context, undefined, ['x'], { ...options, cwd: 'sub' })).toMatchObject({ cwd: '/work/sub' })
  expect(draftJob(context, 'gpu1', ['x'], options)).toMatchObject({ host: 'gpu1', cwd: null })
  expect(draftJob(context, 'gpu1', ['x'], { ...options, cwd: 'sub' })).toMatchObject({ cwd: 'sub' })
})

test("ssh's options come in one order, their files absolute", () => {
  const given = { sshConfig: 'cfg', sshOption: ['A=b', 'C=d'], port: 22, identity: '~/key', jump: 'j' }
  expect(draftJob(context, 'gpu1', ['x'], { ...options, ...given })).toMatchObject({
    route: { options: ['-F', '/work/cfg', '-o', 'A=b', '-o', 'C=d', '-p', '22', '-i', '~/key', '-J', 'j'] },
  })
  expect(draftJob(context, undefined, ['x'], { ...options, port: 22 })).toMatchObject({ code: 'usage' })
})

test('the environment is given or taken from here', () => {
  expect(draftJob(context, undefined, ['x'], { ...options, env: ['A=1=2', 'HERE', 'E='] })).toMatchObject({
    env: { A: '1=2', HERE: 'value', E: '' },
  })
  for (const env of ['UNSET', '1A=x', '=x', 'a b=c'])
    expect(draftJob(context, undefined, ['x'], { ...options, env: [env] })).toMatchObject({ code: 'usage' })
})

test('a command is words or a line, and one of them', () => {
  expect(draftJob(context, undefined, null, { ...options, command: 'a | b' })).toMatchObject({
    program: { command: 'a | b' },
  })
  expect(draftJob(context, undefined, ['x'], { ...options, command: 'y' })).toMatchObject({ code: 'usage' })
  expect(draftJob(context, undefined, null, options)).toMatchObject({ code: 'usage' })
  expect(draftJob(context, undefined, [], options)).toMatchObject({ code: 'usage' })
})

test.each(['gpu1', 'me@gpu1', 'me@corp@gpu1', '10.0.0.1', '::1', 'ssh://me@gpu1:2222', 'ssh://gpu1'])(
  '%s is a host',
  (text) => {
    expect(readHost(text)).toBe(text)
  },
)

test.each([
  '',
  '-oProxyCommand=x',
  'me@-x',
  '-me@x',
  'a b',
  'a\nb',
  'a\u0000',
  'ssh://',
  'ssh://-x',
  'http://x',
  'me@',
  '@x',
])('%j is none', (text) => {
  expect(readHost(text)).toBeNull()
})

test('a password comes from one place, and needs a host; of it only the place is kept', () => {
  const from = (given: Partial<StartOptions>, host: string | undefined = 'gpu1'): unknown =>
    draftJob(context, host, ['x'], { ...options, ...given })
  expect(from({})).toMatchObject({ secret: { kind: 'none' }, sharesConnection: false })
  expect(from({ passwordFile: 'pw' })).toMatchObject({ secret: { kind: 'file', path: '/work/pw' } })
  expect(from({ passwordCommand: 'pass x' })).toMatchObject({ secret: { kind: 'command', command: 'pass x' } })
  expect(from({ askPassword: true })).toMatchObject({ secret: { kind: 'prompt' } })
  expect(from({ askPassword: true, passwordFile: 'pw' })).toMatchObject({ code: 'usage' })
  for (const given of [{ askPassword: true }, { shareConnection: true }, { acceptNew: true }])
    expect(draftJob(context, undefined, ['x'], { ...options, ...given })).toMatchObject({ code: 'usage' })
})

test('a shared connection is not for --plain', () => {
  const given = { ...options, shareConnection: true }
  expect(draftJob(context, 'gpu1', ['x'], given)).toMatchObject({ sharesConnection: true })
  expect(draftJob(context, 'gpu1', ['x'], { ...given, plain: true })).toMatchObject({ code: 'usage' })
})
