// chap in a terminal that says how it was before and after.
import { expect } from 'vitest'
import { program } from './chap.ts'
import { findByEnvironment } from './processes.ts'
import type { Spool } from './spool.ts'
import { openTerminal, type Terminal } from './terminal.ts'

/** Says the terminal's `settings` twice, and chap's exit status. */
export const openChap = (
  spool: Spool,
  name: string,
  size: { readonly columns: number; readonly rows: number },
  args: string,
): Terminal => {
  // Ctrl-C is chap's: a sh of dash would end behind it.
  const line = `trap : INT; echo "settings $(stty -g)"; '${process.execPath}' '${program}' ${args}; s=$?; echo "settings $(stty -g)"; exit $s`
  return openTerminal(spool, name, ['sh', '-c', line], size)
}

/** The one screen, a cursor, lines that wrap, and no mouse; the same settings as before. */
export const expectClean = (terminal: Terminal): void => {
  expect(terminal.tmux('display', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag} #{mouse_any_flag}')).toBe(
    '0 1 1 0\n',
  )
  const settings = [...terminal.screen().matchAll(/^settings (\S+)$/gm)].map(([, text]) => text)
  expect(settings).toHaveLength(2)
  expect(settings[0]).toBe(settings[1])
}

export const pidOfChap = (spool: Spool, command: string): number => {
  const [found, ...others] = findByEnvironment('CHAP_SPOOL', spool.dir).filter(
    ({ argv }) => argv[1] === program && argv[2] === command,
  )
  if (found === undefined || others.length > 0) throw new Error(`not one chap ${command}`)
  return found.pid
}
