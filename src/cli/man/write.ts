/** Run by the build: writes chap(1) and chap-spool(5) into the directory that its argument names. Their sources are the program and its documents. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realContext } from '../context.ts'
import { describeCommands } from '../run-command.ts'
import { roffOfProgram } from './command-page.ts'
import { roffOfMarkdown, sectionOf } from './markdown.ts'
import { head, section } from './roff.ts'

const [root = '', place = ''] = process.argv.slice(2)
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const { version } = JSON.parse(read('package.json')) as { version: string }
const epoch = process.env['SOURCE_DATE_EPOCH']
const date = new Date(epoch === undefined ? Date.now() : Number(epoch) * 1000).toISOString().slice(0, 10)
const program = await describeCommands(
  { context: realContext(), program: null, exitWith: () => undefined, giveJob: undefined },
  () => true,
  { out: '', err: '' },
)

const chap = [
  head({ name: 'chap', section: 1, version, date, summary: 'run a command on another machine and never lose it' }),
  roffOfProgram(program),
  section('Exit status'),
  roffOfMarkdown(sectionOf(read('README.md'), 'Exit statuses'), 2),
  roffOfMarkdown(read('src/cli/man/sections.md'), 2),
]
const HERE = 'This directory is a spool'
const format5 = read('spool.example/README.md')
if (!format5.includes(HERE)) throw new Error(`spool.example/README.md no longer says: ${HERE}`)
const spool = [
  head({ name: 'chap-spool', section: 5, version, date, summary: 'where chap keeps jobs: the format on disk' }),
  section('Description'),
  roffOfMarkdown(format5.replace(HERE, "The directory `spool.example` of chap's package is a spool"), 2),
  section('See also'),
  '.BR chap (1)\n',
]
// Below a heading a paragraph begins by itself.
const format = (parts: readonly string[]): string => parts.join('').replace(/^(\.S[HS] .*\n)\.PP\n/gm, '$1')
writeFileSync(join(place, 'chap.1'), format(chap))
writeFileSync(join(place, 'chap-spool.5'), format(spool))
