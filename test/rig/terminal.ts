// A terminal that a test types at and reads: a tmux of its own, with one pane.
import { execFileSync } from 'node:child_process'
import { needProgram } from './programs.ts'
import type { Spool } from './spool.ts'
import { until } from './until.ts'

export interface Terminal {
  /** What the screen shows. */
  screen(): string
  type(text: string): void
  press(key: 'Enter' | 'Escape' | 'Down' | 'C-c' | 'C-d' | 'BSpace'): void
  /** Waits until the screen shows these words. */
  untilShown(words: string | RegExp): Promise<string>
  /** Anything else of this tmux; its answer. */
  tmux(...args: readonly string[]): string
  close(): void
}

/** @param argv what runs in it; the terminal stays when it has ended, and shows `status N` */
export const openTerminal = (
  spool: Spool,
  name: string,
  argv: readonly string[],
  { columns, rows } = { columns: 160, rows: 24 },
): Terminal => {
  const tmux = (...args: readonly string[]): string =>
    execFileSync(needProgram('tmux'), ['-S', `${spool.root}/${name}`, '-f', '/dev/null', ...args], {
      env: spool.env,
      encoding: 'utf8',
    })
  const line = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), `${line}; echo status $?; exec sleep 1000`)
  const screen = (): string => tmux('capture-pane', '-p', '-J')
  return {
    screen,
    tmux,
    type: (text) => void tmux('send-keys', '-l', '--', text),
    press: (key) => void tmux('send-keys', key),
    untilShown: (words) =>
      until(() => (typeof words === 'string' ? screen().includes(words) : words.test(screen())) && screen(), {
        deadline: 20_000,
        what: `${words} on the screen`,
      }).catch((error: Error) => {
        throw new Error(`${error.message}\n${screen()}`)
      }),
    close: () => void tmux('kill-server'),
  }
}
