// What attach says beside a job's output: what it is attached to, how its link is, and where on the terminal.
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { headerOf } from '../../../src/cli/attach-header.ts'
import { openJobTerminal } from '../../../src/cli/job-terminal.ts'
import { openLinkTeller } from '../../../src/cli/link-words.ts'
import { type Job, newJob } from '../../../src/domain/job.ts'
import { testContext } from '../../rig/context.ts'
import { ended, running } from './views.ts'

const NOW = Date.parse('2026-11-27T12:04:00Z')
const program = { argv: ['./train.sh', '--epochs', '90'] } as const

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

test('the header says what, where, how, and since when', () => {
  const job = running('k3f9', { host: 'gpu1', program })
  expect(headerOf([job], NOW, 200)).toMatch(
    /^k3f9 at gpu1: \.\/train\.sh --epochs 90; running since (2026-11-\d\d )?\d\d:\d\d \(1h\)$/,
  )
  expect(headerOf([running('k3f9', { name: 'web' })], NOW, 200)).toMatch(/^k3f9 \(web\): /)
  // Another day.
  expect(headerOf([job], NOW + 48 * 3_600_000, 200)).toMatch(/since 2026-11-\d\d \d\d:\d\d \(2d\)$/)
  expect(headerOf([ended('m7ab', { kind: 'exited', code: 3 }, { program })], NOW, 200)).toMatch(
    /^m7ab: \.\/train\.sh --epochs 90; exited 3 at .*\d\d:\d\d \(1h ago\)$/,
  )
  expect(headerOf([ended('m7ab', { kind: 'signaled', signal: 'SIGTERM' })], NOW, 200)).toContain(
    '; killed by SIGTERM at ',
  )
})

test('the header of several is one line, too', () => {
  const group = { id: 'g7kx', size: 2, index: 0, maxParallel: null, failFast: false, retryOf: null }
  const members = ['web1', 'web2'].map((host, n) => running(`k3f${n}`, { host, program, group }))
  expect(headerOf(members, NOW, 200)).toBe('g7kx: 2 jobs at web[1-2]: ./train.sh --epochs 90; 2 running')
  const others = [...members, ended('m7ab', { kind: 'exited', code: 3 })]
  expect(headerOf(others, NOW, 200)).toBe('3 jobs at web[1-2] and here; 2 running, 1 failed')
})

test('the header fits any terminal, and holds no control character', () => {
  const job = running('k3f9', {
    host: 'gpu\u001b[31m1',
    name: '\u202eweb',
    program: { argv: ['sh', '-c', '\r\u001b]0;x\u0007\u{1f600}'.repeat(9)] },
  })
  const whole = headerOf([job], NOW, 1_000)
  expect(stripVTControlCharacters(whole)).toBe(whole)
  expect(whole).not.toMatch(/[\p{Cc}\u202e]/u)
  for (const columns of [1, 4, 9, 17, 40, 80, 120, 200, 400])
    expect([...headerOf([job], NOW, columns)].length).toBeLessThanOrEqual(columns)
  // How it is is worth more than its command.
  expect(headerOf([running('k3f9', { host: 'gpu1', program })], NOW, 52)).toMatch(
    /^k3f9 at gpu1.*; running since .* \(1h\)$/,
  )
})

const stateOf = (phase: Job['phase'], link: Partial<Job['link']>) => ({
  job: { ...newJob, phase, link: { ...newJob.link, ...link } },
  chaperonePid: 1,
  updated: new Date().toISOString(),
})
const lost = { code: 'lost', evidence: 'Connection reset by peer' } as const
const refused = { code: 'refused', evidence: '' } as const
const lostAt = new Date(NOW).toISOString()
const later = (ms: number): string => new Date(Date.now() + ms).toISOString()

test('a lost link in a pipe: a line for each change, and a steady log of a long outage', () => {
  const context = testContext()
  const { onState } = openLinkTeller(openJobTerminal(context), 'k3f9', 'gpu1', true)
  onState(stateOf('running', { status: 'up' }))
  onState(stateOf('reconnecting', { status: 'down', attempts: 1, fault: lost, lostAt, nextTry: later(8_000) }))
  // Who follows has the chaperone try sooner than it would by itself.
  expect(context.said()).toBe(
    'chap: k3f9: link to gpu1 lost: the connection broke (Connection reset by peer); attempt 1, next try in 1 s\n',
  )
  for (let second = 1; second <= 3_600; second += 1) {
    vi.advanceTimersByTime(1_000)
    onState(stateOf('reconnecting', { status: 'connecting', attempts: second, fault: refused, lostAt }))
  }
  onState(stateOf('running', { status: 'up', lostAt }))
  onState(stateOf('running', { status: 'up', lostAt }))
  const lines = context.said().trim().split('\n').slice(1)
  expect(lines[0]).toBe(
    'chap: k3f9: still no link to gpu1 after 10 s: nothing listens for ssh at gpu1; attempt 10, trying now',
  )
  expect(lines.slice(1).map((line) => /after (.*?)[:;]|after (.*)$/.exec(line)?.slice(1).join(''))).toEqual([
    '1 min',
    '2 min',
    '4 min',
    '8 min',
    '16 min',
    '32 min',
    '1 h',
  ])
  expect(lines.at(-1)).toBe('chap: k3f9: link to gpu1 restored after 1 h')
})

test('a lost link on a terminal: one line is written over, and gone when the link is back', () => {
  const context = testContext({ terminal: 80 })
  const terminal = openJobTerminal(context)
  const { onState, stop } = openLinkTeller(terminal, 'k3f9', 'gpu1', true)
  onState(stateOf('reconnecting', { status: 'down', attempts: 1, fault: lost, lostAt, nextTry: later(8_000) }))
  vi.advanceTimersByTime(2_000)
  onState(stateOf('reconnecting', { status: 'connecting', attempts: 3, fault: refused, lostAt }))
  vi.advanceTimersByTime(1_000)
  onState(stateOf('running', { status: 'up', lostAt }))
  stop()
  const said = context.said()
  const lines = said.split('\r\u001b[K')
  expect(lines[0]).toBe('chap: k3f9: link to gpu1 lost: the connection broke (Connection reset by peer)\n')
  expect(lines.slice(1, -1).map((line) => line.slice(0, 45))).toEqual([
    'chap: no link to gpu1 for 0 s; attempt 1, nex',
    'chap: no link to gpu1 for 1 s; attempt 1, nex',
    'chap: no link to gpu1 for 2 s; attempt 1, nex',
    'chap: no link to gpu1 for 2 s; attempt 3, try',
    'chap: no link to gpu1 for 3 s; attempt 3, try',
  ])
  expect(lines.at(-1)).toBe('chap: k3f9: link to gpu1 restored after 3 s\n')
  expect(vi.getTimerCount()).toBe(0)
})

test('a host that was never reached is no lost link', () => {
  const context = testContext()
  const { onState } = openLinkTeller(openJobTerminal(context), 'k3f9', 'gpu1', true)
  onState(stateOf('launching', { status: 'down', attempts: 1, fault: refused, nextTry: later(400) }))
  onState(stateOf('running', { status: 'up' }))
  expect(context.said()).toBe(
    'chap: k3f9 is pending: nothing listens for ssh at gpu1; attempt 2, next try in 1 s\nhint: is sshd running there, and is it the right port (-p)?\nchap: k3f9: gpu1 is reached\n',
  )
})

test('what chap says begins a line of its own', async () => {
  const context = testContext({ terminal: 80 })
  const { bytes, words, noteInterrupt, restore, showStatus } = openJobTerminal(context)
  await words.stderr.write('chap: one\n')
  await bytes.stderr.write('50%')
  await words.stderr.write('chap: two\n')
  await bytes.stderr.write(Buffer.from('\u001b[31mred\n\u001b[0m'))
  await words.stderr.write('chap: three\n')
  await bytes.stdout.write('not over')
  // Not over what a job has begun to write.
  showStatus('status')
  noteInterrupt()
  await restore()
  await words.stderr.write('chap: four\n')
  noteInterrupt()
  await words.stderr.write('chap: five\n')
  expect(context.said()).toBe(
    'chap: one\n50%\nchap: two\n\u001b[31mred\n\u001b[0mchap: three\n\nchap: four\n\rchap: five\n',
  )
})

test('what goes through a pipe finds the line below gone, since it may come to this terminal', async () => {
  const context = testContext({ terminal: 80 })
  const stdout = { ...context.stdout, isTerminal: false, write: async () => context.stderr.write('(written)') }
  const { bytes, showStatus } = openJobTerminal({ ...context, stdout })
  showStatus('status')
  await bytes.stdout.write('one\n')
  expect(context.said()).toBe('\r\u001b[Kstatus\r\u001b[K(written)')
})

test('in a pipe bytes and words pass as they are', async () => {
  const context = testContext()
  const { bytes, words, showStatus, restore } = openJobTerminal(context)
  expect([bytes, words.stderr]).toEqual([context, context.stderr])
  showStatus('status')
  await bytes.stderr.write('\u001b[31m50%')
  await restore()
  expect(context.said()).toBe('\u001b[31m50%')
})
