// The man pages that the build makes: all that the program understands is in them, and mandoc has nothing to say.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { roffOfMarkdown } from '../../src/cli/man/markdown.ts'
import { escapeRoff, fillRoff } from '../../src/cli/man/roff.ts'
import { describeCommands } from '../../src/cli/run-command.ts'
import { keysOf } from '../compat/example-job.ts'
import { testContext } from '../rig/context.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = (JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { man: string[] }).man

describe.each(pages)('%s', (page) => {
  testWith('mandoc')('mandoc finds nothing wrong', () => {
    // It exits 1 for a warning, and says it on stdout.
    expect(execFileSync(needProgram('mandoc'), ['-Tlint', '-Wwarning', `${root}/${page}`], { encoding: 'utf8' })).toBe(
      '',
    )
  })
})

/** How a terminal of old shows bold. */
const OVERSTRUCK = new RegExp(`.${String.fromCharCode(8)}`, 'g')

/** As it is read, but on one line. */
const show = (page: string): string =>
  execFileSync(needProgram('mandoc'), ['-Tascii', '-Owidth=200', `${root}/dist/man/${page}`], { encoding: 'utf8' })
    .replaceAll(OVERSTRUCK, '')
    .replaceAll(/\s+/g, ' ')

testWith('mandoc')('chap(1) has each command, each option, and each example', async () => {
  const program = await describeCommands(
    { context: testContext(), program: null, exitWith: () => undefined, giveJob: undefined },
    () => true,
    { out: '', err: '' },
  )
  const page = show('chap.1')
  for (const command of program.commands) {
    expect(page).toContain(`chap ${command.name()} `)
    for (const { long } of command.options) expect(page).toContain(long)
    for (const { description } of command.registeredArguments)
      expect(page).toContain(description.replaceAll(/\s+/g, ' '))
  }
  for (const example of ["chap start --host 'web[01-40]' --max-parallel 10", 'a timer ended the job', 'CHAP_SPOOL'])
    expect(page).toContain(example)
})

testWith('mandoc')('chap-spool(5) has each file and each field of the example', () => {
  const page = show('chap-spool.5')
  const example = `${root}/spool.example/jobs/yyzt`
  const fields = ['spec', 'state'].flatMap((record) =>
    keysOf(JSON.parse(readFileSync(`${example}/${record}.json`, 'utf8'))).map((key) => key.split('.').at(-1) ?? ''),
  )
  const own = (field: string): boolean => /^\d+$|^project$|^SEED$/.test(field)
  expect(fields.filter((field) => !own(field) && !page.includes(field))).toEqual([])
})

test('nothing in a text is a request of roff', () => {
  expect(fillRoff(escapeRoff(".SH it's \\fB"))).toBe('\\&.SH it\\(aqs \\efB')
  expect(roffOfMarkdown("`.new` and\n**'quoted'**, a [link](x.md)", 2)).toBe(
    '.PP\n\\&\\fB.new\\fR and \\fB\\(aqquoted\\(aq\\fR, a link\n',
  )
  expect(roffOfMarkdown('| a | b |\n|---|---|\n| `x` | y |\n\n- one\n- two\n', 2)).toBe(
    '.TP\n\\fBx\\fR\ny\n.IP \\(bu 4\none\n.IP \\(bu 4\ntwo\n',
  )
  expect(() => roffOfMarkdown('> quoted', 2)).toThrow('a man page has no blockquote')
})
