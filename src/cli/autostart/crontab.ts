/** One line of the user's crontab; all others stay as they are, byte for byte. */
import { execa } from 'execa'
import type { Problem } from '../problem.ts'
import { MARK } from './task.ts'

/** A letter for each byte: others' lines may be in any encoding. */
const LATIN = 'latin1'
const toBytes = (text: string): string => Buffer.from(text).toString(LATIN)
const fromBytes = (bytes: string): string => Buffer.from(bytes, LATIN).toString()

const isOurs = (line: string): boolean => line.endsWith(`# ${MARK}`)

export const readLine = async (): Promise<string | null | Problem> => {
  const table = await readTable()
  if (typeof table !== 'string') return table
  const line = table.split('\n').find(isOurs)
  return line === undefined ? null : fromBytes(`${line}\n`)
}

export const installLine = async (text: string): Promise<Problem | undefined> => {
  const table = await readTable()
  return typeof table === 'string' ? writeTable(table, putLine(table, toBytes(text))) : table
}

export const removeLine = async (): Promise<Problem | undefined> => {
  const table = await readTable()
  return typeof table === 'string' ? writeTable(table, putLine(table, '')) : table
}

/** The table with this line in place of chap's own, or at its end; or without one. */
export const putLine = (table: string, line: string): string => {
  const others = table
    .split(/(?<=\n)/)
    .filter((one) => !isOurs(one.trimEnd()))
    .join('')
  return `${others}${others === '' || others.endsWith('\n') || line === '' ? '' : '\n'}${line}`
}

/** What cron's crontab says where there is none, and BusyBox's, which names the file; that it has no directory of them is another matter. */
const NO_TABLE = /no crontab|can't open '[^'/]*': No such file/i

/** A user without one has an empty one. */
const readTable = async (): Promise<string | Problem> => {
  const said = await execa('crontab', ['-l'], {
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    encoding: LATIN,
    // For its words.
    env: { LC_ALL: 'C' },
  })
  if (said.exitCode === 0) return said.stdout
  if (NO_TABLE.test(said.stderr)) return ''
  return refused(fromBytes(said.stderr) || said.originalMessage || '')
}

/** crontab checks what it is given, and keeps the old one when that is not good. */
const writeTable = async (before: string, after: string): Promise<Problem | undefined> => {
  if (before === after) return undefined
  const said = await execa('crontab', after === '' ? ['-r'] : ['-'], {
    reject: false,
    ...(after === '' ? { stdin: 'ignore' } : { input: Buffer.from(after, LATIN) }),
  })
  if (said.exitCode !== 0) return refused(said.stderr || said.originalMessage || '')
  const now = await readTable()
  if (typeof now !== 'string') return now
  return now === after ? undefined : refused('it is not what was written')
}

const refused = (words: string): Problem => ({
  code: 'autostart',
  message: `crontab: ${words.trim() || 'it failed'}`,
  hint: null,
})
