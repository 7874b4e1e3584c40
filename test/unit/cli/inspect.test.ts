// The card of `chap inspect`: what is there is said, in the width that there is, and nothing of it moves a cursor.
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { cardOf } from '../../../src/cli/inspect/card.ts'
import { cardOfGroup, groupOf, tableOfGroup } from '../../../src/cli/inspect/group-card.ts'
import { ruleOf, showCard } from '../../../src/cli/inspect/show-card.ts'
import { foldToWidth } from '../../../src/cli/ls/text-width.ts'
import type { Job } from '../../../src/domain/job.ts'
import type { JobView } from '../../../src/watcher/job-view.ts'
import { ended, running } from './views.ts'

const NOW = Date.parse('2026-11-27T12:04:00Z')
const PIPE = { columns: null, hasColor: false, hasGlyphs: true }
const terminal = (columns: number) => ({ columns, hasColor: false, hasGlyphs: true })
const withJob = (view: JobView, job: Partial<Job>): JobView => {
  if (!view.state.ok) throw new Error('it has a state')
  return { ...view, state: { ok: true, value: { ...view.state.value, job: { ...view.state.value.job, ...job } } } }
}
const show = (view: JobView, columns: number | null = null): string =>
  showCard(cardOf(view, NOW), columns === null ? PIPE : terminal(columns))

const train = running('k3f9', {
  name: 'train',
  host: 'gpu1',
  cwd: '/srv',
  env: { TOKEN: null },
  limits: {
    giveUpAfter: null,
    timeout: 43_200,
    idleTimeout: null,
    maxOutput: 1_048_576,
    onMaxOutput: 'keep',
    grace: 10,
  },
  lease: 600,
  rerunOf: 'x7qd',
})

test('a running job: how it is, what, when, where its output is, and who looks after it', () => {
  const card = show(train, 80)
  expect(card.split('\n\n').map((section) => section.split(' ', 1)[0])).toEqual([
    'job',
    'command',
    'created',
    'stdout',
    'rerun',
    expect.any(String),
  ])
  expect(card).toMatch(/^state +● running$/m)
  expect(card).toMatch(/^environment +TOKEN$/m)
  expect(card).toMatch(/^limits +12h to run, 10m without a chaperone, 1.0M of output kept$/m)
  expect(card).toMatch(/^began +2026-11-27T11:00:00Z {2}\(1 h ago\)$/m)
  expect(card).toMatch(/^stdout +2\.0K {2}\/.*\/stdout$/m)
  expect(show(train)).toMatch(/^state +running$/m)
})

test('an end that was not good is said with what to do, and a link that fails with its next try', () => {
  const refused = ended('k3f9', { kind: 'refused', reason: 'host_key', evidence: 'no key is known' }, { host: 'gpu1' })
  expect(show(refused)).toMatch(/^outcome +never began: the host key of gpu1 is not trusted.*\nhint +ssh gpu1 once/m)
  if (!train.state.ok) throw new Error('it has a state')
  const { link } = train.state.value.job
  const fault = { code: 'timeout', evidence: 'no answer' } as const
  const nextTry = '2026-11-27T12:04:30.000Z'
  const lost = withJob(train, { phase: 'reconnecting', link: { ...link, status: 'down', fault, nextTry } })
  expect(show(lost)).toMatch(
    /^link +down: gpu1 does not answer \(no answer\), next try in 30s\nhint +check the network/m,
  )
})

test('what was kept there is named', () => {
  const unreadable = { kind: 'unknown', reason: 'record_unreadable', evidence: '' } as const
  const view = withJob(
    ended('k3f9', unreadable, { id: 'k3f9', host: 'gpu1', route: sshRoute, nonce: '0123456789abcdef' }),
    {
      collected: false,
    },
  )
  expect(show(view)).toMatch(/^kept there +~\/\.local\/state\/chap-remote\/k3f9-0123456789abcdef$/m)
})
const sshRoute = { kind: 'ssh', destination: 'gpu1', options: [], onward: [] } as const

test('at every width no line is wider, and none holds a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 60, max: 220 }), (text, columns) => {
      const spec = { name: text, host: text, cwd: text, labels: { a: text }, logFile: `/${text}`, rerunOf: text }
      const shown = show(running('k3f9', { ...spec, program: { command: text.repeat(9) } }), columns)
      for (const line of shown.split('\n')) {
        expect(line).not.toMatch(/\p{Cc}/u)
        expect(stringWidth(line)).toBeLessThan(columns)
      }
    }),
  )
})

test('folding loses no letter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 4, max: 40 }), (text, width) => {
      const spaceless = (words: string): string => words.replaceAll(/\s/g, '')
      expect(spaceless(foldToWidth(text, width).join(''))).toBe(spaceless(text))
    }),
  )
  expect(foldToWidth('one two  three', 9)).toEqual(['one two', 'three'])
  expect(foldToWidth('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl'])
})

test('a group: what was asked of all, how they did, and a line for each', () => {
  const place = { id: 'g7kx', size: 3, index: 0, maxParallel: 2, failFast: false, retryOf: null }
  const views = [
    ended('aaaa', { kind: 'exited', code: 0 }, { host: 'web1', group: place }),
    ended('bbbb', { kind: 'exited', code: 3 }, { host: 'web2', group: { ...place, index: 1 } }),
  ]
  expect(groupOf(views, ['g7kx'])).toEqual(place)
  expect(groupOf(views, ['aaaa'])).toBeUndefined()
  expect(groupOf(views, ['g7kx', 'k3f9'])).toBeUndefined()
  const card = showCard(cardOfGroup(place, views, NOW), PIPE)
  expect(card).toMatch(
    /^group +g7kx {2}\(2 of 3 jobs are still there\)\nstate +1 ok, 1 failed \(exit 3: web2\)\nhint +/,
  )
  expect(card).toMatch(/^limits +2 at a time$/m)
  expect(tableOfGroup(views, NOW, terminal(80))).toMatch(/^ID +HOST +STATE .*\naaaa +web1 +✓.*\nbbbb +web2 +✗/)
  expect(ruleOf(terminal(80))).toBe(`\n${'─'.repeat(79)}\n\n`)
})
