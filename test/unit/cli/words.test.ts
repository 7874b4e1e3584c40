/** Every fault and outcome has words, made safe for a terminal, and says what to do where something can be done. */
import { expect, test } from 'vitest'
import { wordsOfOutcome, wordsOfTimer } from '../../../src/cli/outcome-words.ts'
import { wordsOfProblem } from '../../../src/cli/problem-words.ts'
import { fitText, safeText, showArgv } from '../../../src/cli/safe-text.ts'
import { layOut, separateByTabs } from '../../../src/cli/table.ts'
import { wordsOfFault } from '../../../src/cli/words.ts'

test.each([
  'authentication',
  'host_key',
  'refused',
  'unknown_host',
  'unreachable',
  'timeout',
  'busy',
  'no_shell',
  'no_directory',
  'no_processes',
  'no_holes',
  'sudo_denied',
  'no_program',
  'usage',
  'disk_full',
] as const)('%s has words with a hint', (code) => {
  const { message, hint } = wordsOfFault({ code, evidence: 'said\u001b[2J' }, 'gpu1')
  expect(message).toContain('(said\\e[2J)')
  expect(hint).toEqual(expect.stringMatching(/\w/))
})

test('an ssh that is too old is told from options that are wrong', () => {
  const hintOf = (evidence: string) => wordsOfFault({ code: 'usage', evidence }, 'gpu1').hint
  expect(hintOf('command-line: line 0: Bad configuration option: stdinnull')).toContain('8.7')
  expect(hintOf('command-line: line 0: Bad configuration option: nosuchoption')).toContain('ssh -G gpu1')
})

test('outcomes are said as they are', () => {
  expect(wordsOfOutcome({ kind: 'exited', code: 3 }, 'gpu1').message).toBe('exited 3')
  expect(wordsOfOutcome({ kind: 'signaled', signal: 'SIGKILL' }, 'gpu1').message).toBe('killed by SIGKILL')
  expect(wordsOfOutcome({ kind: 'refused', reason: 'host_key', evidence: '' }, 'gpu1')).toEqual({
    message: 'never began: the host key of gpu1 is not trusted',
    hint: expect.stringContaining('fingerprint'),
  })
  expect(wordsOfOutcome({ kind: 'unknown', reason: 'rebooted', evidence: 'boot' }, 'gpu1').message).toBe(
    'ended with unknown status: gpu1 was restarted while it ran (boot)',
  )
})

test('a timer is named with its time, and giving up is no invented end', () => {
  const limits = {
    giveUpAfter: 60,
    timeout: 5_400,
    idleTimeout: 90,
    maxOutput: 10_240,
    onMaxOutput: 'kill',
    grace: 10,
  } as const
  expect(wordsOfTimer('timeout', limits)).toBe('timed out after 90m')
  expect(wordsOfTimer('idle', limits)).toBe('timed out after 90s without output')
  expect(wordsOfTimer('lease', limits)).toBe('its lease ran out')
  expect(wordsOfTimer('max_output', limits)).toBe('wrote more than 10K')
  for (const by of ['exit', 'kill', 'disconnect', null] as const) expect(wordsOfTimer(by, limits)).toBeNull()
  const gaveUp = { reason: 'gave_up', evidence: 'Connection refused' } as const
  expect(wordsOfOutcome({ kind: 'refused', ...gaveUp }, 'gpu1').message).toBe(
    'never began: gpu1 could not be reached in the time given (Connection refused)',
  )
  expect(wordsOfOutcome({ kind: 'unknown', ...gaveUp }, 'gpu1')).toEqual({
    message: expect.stringContaining('in the moment of the launch'),
    hint: expect.stringContaining('may run there'),
  })
})

test('a problem names what it is about, harmlessly', () => {
  expect(wordsOfProblem({ code: 'no_such_job', name: 'a\u0007b' }).message).toBe('there is no job a\\x07b')
})

test.each([
  ['a\tb\nc', 'a\\tb\\nc'],
  ['\u001b[31mred', '\\e[31mred'],
  ['\u0085\u009b', '\\x85\\x9b'],
  ['\u202eevil', '\\x202eevil'],
  ['héllo 😀', 'héllo 😀'],
])('%j is shown as %j', (text, shown) => {
  expect(safeText(text)).toBe(shown)
})

test('an argv is shown as one would type it', () => {
  expect(showArgv(['echo', 'a b', "it's", '', '--x=1'])).toBe(`echo 'a b' 'it'\\''s' '' --x=1`)
})

test('tables fit, hide empty columns, and stay whole in a pipe', () => {
  expect(fitText('abcdef', 4)).toBe('abc…')
  const rows = [
    ['k3f9', '', 'running', 'sleep 1000000'],
    ['x', '', 'ended', 'true'],
  ]
  expect(layOut(['ID', 'NAME', 'STATE', 'COMMAND'], rows, 20)).toBe(
    'ID    STATE    COMM…\nk3f9  running  slee…\nx     ended    true\n',
  )
  expect(separateByTabs(rows)).toBe('k3f9\t\trunning\tsleep 1000000\nx\t\tended\ttrue\n')
})
