/** What is typed becomes what is asked. */
import { expect, test } from 'vitest'
import type { Context } from '../../../src/cli/context.ts'
import type { StartOptions } from '../../../src/cli/start-options.ts'
import { draftJob } from '../../../src/library/draft.ts'

const output = { isTerminal: false, columns: 80, write: () => Promise.resolve(true) }
const context: Context = {
  env: { HERE: 'value' },
  spool: '/spool',
  config: null,
  stdout: output,
  stderr: output,
  now: () => 0,
  cwd: () => '/work',
  self: () => ({ user: 'me', host: 'here', pid: 1 }),
  input: () => {
    throw new Error('nothing is read')
  },
  readInput: () => Buffer.alloc(0),
  askSecret: () => undefined,
  onSignal: () => () => undefined,
}
const options: StartOptions = {
  onDisconnect: 'keep',
  keepalive: { interval: 15, count: 3 },
  connectTimeout: 10_000,
  grace: 10_000,
}

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

const way = (host: string | undefined, given: Partial<StartOptions>) =>
  draftJob(context, host, ['x'], { ...options, ...given })
const sudo = (user: string) => ({ argv: expect.arrayContaining(['sudo', '-n', '-H', '-u', user, '--']), words: 'argv' })
const ssh = (host: string) => ({ argv: expect.arrayContaining(['ssh', '--', host]), words: 'line' })

test('sudo comes after ssh, or before it, or alone', () => {
  expect(way('gpu1', { sudo: 'www' })).toMatchObject({
    host: 'gpu1',
    cwd: null,
    route: { kind: 'ssh', destination: 'gpu1', onward: [sudo('www')] },
  })
  expect(way(undefined, { sudo: 'www', remoteDir: '/r' })).toMatchObject({
    host: null,
    cwd: null,
    route: { kind: 'hops', hops: [sudo('www')] },
  })
  expect(way('gpu1', { sudoFirst: 'deploy', sudo: 'www', port: 22 })).toMatchObject({
    route: { kind: 'hops', hops: [sudo('deploy'), ssh('gpu1'), sudo('www')] },
  })
})

test('relays come before the host, and a prefix after it', () => {
  expect(way('me@gpu1', { relay: 'r1,r2', port: 22, via: ["docker exec -i 'my web'", 'nice'] })).toMatchObject({
    route: {
      destination: 'r1',
      options: ['-p', '22'],
      onward: [
        ssh('r2'),
        ssh('me@gpu1'),
        { argv: ['docker', 'exec', '-i', 'my web'], words: 'argv' },
        { argv: ['nice'], words: 'argv' },
      ],
    },
  })
  expect(way('gpu1', { relay: 'r1', relayProgram: 'ush -q' })).toMatchObject({
    route: { destination: 'r1', onward: [{ argv: ['ush', '-q', 'gpu1'], words: 'line' }] },
  })
  expect(way(undefined, { via: ['docker exec -i web'] })).toMatchObject({
    host: 'docker exec -i web',
    route: { kind: 'hops', hops: [{ argv: ['docker', 'exec', '-i', 'web'] }] },
  })
})

test('a prefix that names the host is the way to it', () => {
  expect(way('$&gpu1', { viaLine: ['ush {host}', 'nice sh -c'], sudo: 'www' })).toMatchObject({
    host: '$&gpu1',
    route: {
      kind: 'hops',
      hops: [{ argv: ['ush', '$&gpu1'], words: 'line' }, sudo('www'), { argv: ['nice', 'sh', '-c'], words: 'line' }],
    },
  })
})

test.each<[string | undefined, Partial<StartOptions>]>([
  [undefined, { relay: 'r' }],
  [undefined, { sudoFirst: 'www' }],
  [undefined, { via: ['ssh {host}'] }],
  [undefined, { plain: true, sudo: 'www' }],
  ['gpu1', { plain: true, sudo: 'www' }],
  ['gpu1', { plain: true, sudoFirst: 'www' }],
  ['gpu1', { plain: true, via: ['x'] }],
  ['gpu1', { relay: '' }],
  ['gpu1', { relay: 'r,-oProxyCommand=x' }],
  ['gpu1', { relayProgram: 'ush' }],
  ['gpu1', { port: 22, via: ['x {host}'] }],
  ['gpu1', { relay: 'r', viaLine: ['x {host}'] }],
  ['gpu1', { via: ['x'], viaLine: ['y'] }],
  ['gpu1', { via: ["docker exec 'web"] }],
  ['gpu1', { via: ['docker exec \\'] }],
  ['gpu1', { via: [' '] }],
  ['gpu1', { viaLine: ["'' x"] }],
])('%s with %j is a mistake', (host, given) => {
  expect(way(host, given)).toMatchObject({ code: 'usage' })
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

test('a host may say its port, once', () => {
  expect(draftJob(context, 'me@gpu1:2222', ['x'], options)).toMatchObject({
    host: 'me@gpu1:2222',
    route: { destination: 'me@gpu1', options: ['-p', '2222'] },
  })
  expect(draftJob(context, '[::1]:22', ['x'], options)).toMatchObject({
    route: { destination: '::1', options: ['-p', '22'] },
  })
  expect(draftJob(context, 'gpu1:22', ['x'], { ...options, port: 22 })).toMatchObject({
    route: { options: ['-p', '22'] },
  })
  expect(draftJob(context, 'gpu1:22', ['x'], { ...options, port: 23 })).toMatchObject({ code: 'usage' })
  expect(draftJob(context, 'ssh://gpu1:22', ['x'], options)).toMatchObject({
    route: { destination: 'ssh://gpu1:22', options: [] },
  })
  expect(draftJob(context, 'gpu1:0', ['x'], options)).toMatchObject({ code: 'usage' })
})

test('a transport is reached by its command, and takes nothing of ssh', () => {
  const hop = { argv: ['ush', 'gpu1'], words: 'line' } as const
  expect(draftJob(context, 'gpu1', ['x'], { ...options, hop })).toMatchObject({ route: { kind: 'hops', hops: [hop] } })
  expect(draftJob(context, 'gpu1', ['x'], { ...options, hop, jump: 'j' })).toMatchObject({ code: 'usage' })
})

test('timers are whole seconds, at least one, and what nothing could keep is refused', () => {
  expect(draftJob(context, 'gpu1', ['x'], options)).toMatchObject({
    limits: { giveUpAfter: null, timeout: null, idleTimeout: null, maxOutput: null, onMaxOutput: 'keep', grace: 10 },
  })
  const timers = {
    giveUpAfter: 1_500,
    timeout: 60_000,
    idleTimeout: 1_000,
    maxOutput: 1,
    onMaxOutput: 'kill',
    grace: 0,
  } as const
  expect(draftJob(context, 'gpu1', ['x'], { ...options, ...timers })).toMatchObject({
    limits: { giveUpAfter: 2, timeout: 60, idleTimeout: 1, maxOutput: 1, grace: 0 },
  })
  const refused: Partial<StartOptions>[] = [
    { timeout: 0 },
    { giveUpAfter: 999 },
    { timeout: 1e12 },
    { lease: 1e12 },
    { grace: 1e12 },
    { plain: true, timeout: 60_000 },
    { plain: true, idleTimeout: 60_000 },
    { plain: true, giveUpAfter: 60_000 },
    { onDisconnect: 'kill', idleTimeout: 60_000 },
    { maxOutput: 65_535 },
    { onMaxOutput: 'kill' },
    { maxOutput: 65_536, logFile: 'log' },
    { maxOutput: 65_536, callback: 'http://x' },
    { plain: true, maxOutput: 1 },
    { onDisconnect: 'kill', maxOutput: 1 },
    { maxOutput: 0 },
    { maxOutput: 2 ** 51 },
  ]
  for (const given of refused)
    expect(draftJob(context, 'gpu1', ['x'], { ...options, ...given }), JSON.stringify(given)).toMatchObject({
      code: 'usage',
    })
})

test('a command of --on-exit is a line that says something', () => {
  const from = (onExit: string): unknown => draftJob(context, undefined, ['x'], { ...options, onExit })
  expect(from('mail -s done me')).toMatchObject({ onExit: 'mail -s done me' })
  expect(from(' \n')).toMatchObject({ code: 'usage' })
  expect(draftJob(context, undefined, ['x'], options)).toMatchObject({ onExit: null })
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

test('a series is asked for by its period', () => {
  const draft = (given: Partial<StartOptions>) => draftJob(context, 'gpu1', ['x'], { ...options, ...given })
  expect(draft({})).toMatchObject({ series: null })
  const plain = { every: 10_000, count: null, initialDelay: 0, jitter: 0, overrun: 'skip' }
  expect(draft({ every: 10_000 })).toMatchObject({ series: plain })
  expect(draft({ every: 10_000, forever: true })).toMatchObject({ series: plain })
  const all = { every: 1_500, count: 3, initialDelay: 60_000, jitter: 1_500, overrun: 'now' } as const
  expect(draft(all)).toMatchObject({ series: all })
})

test.each([
  [{ count: 3 }, '--count is about a series'],
  [{ forever: true }, '--forever is about a series'],
  [{ initialDelay: 1_000 }, '--initial-delay is about a series'],
  [{ jitter: 0 }, '--jitter is about a series'],
  [{ overrun: 'now' }, '--overrun is about a series'],
  [{ every: 1_000, count: 3, forever: true }, '--count and --forever are two ends of one series'],
  [{ every: 1_000, count: 0 }, '--count is one at least'],
  [{ every: 1_000, plain: true }, 'a series needs the launcher, which --plain does without'],
  [{ every: 1_000, onDisconnect: 'kill' }, expect.stringContaining('a series goes on without its connection')],
  [{ every: 50 }, '--every is a tenth of a second at least'],
  [{ every: 1_005 }, '--every is in hundredths of a second'],
  [{ every: 1_000, initialDelay: 5 }, '--initial-delay is in hundredths of a second'],
  [{ every: 4e11 }, '--every is ten years at the most'],
  [{ every: 1_000, jitter: 2_000 }, '--jitter is no longer than --every'],
] as const)('%j: %s', (given, message) => {
  expect(draftJob(context, 'gpu1', ['x'], { ...options, ...given })).toMatchObject({ code: 'usage', message })
})
