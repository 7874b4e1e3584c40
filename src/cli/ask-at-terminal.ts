/** Asks for something that nobody may see, at the terminal itself: stdin and stdout may be anything. */
import { openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { ReadStream } from 'node:tty'

/** Several are asked one after the other. */
let previous: Promise<unknown> = Promise.resolve()

/**
 * @param terminal its path
 * @returns null after Ctrl-C or Ctrl-D
 * @throws ErrnoException when there is no such terminal any more
 */
export const askAtTerminal = (terminal: string, question: string): Promise<string | null> => {
  const asked = previous.then(() => askNow(openSync(terminal, 'r+'), question))
  previous = asked.catch(() => undefined)
  return asked
}

const askNow = (fd: number, question: string): Promise<string | null> =>
  new Promise((resolve) => {
    const input = new ReadStream(fd)
    // readline turns the terminal's echo off and does its own: into nothing.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => {
      resolve(null)
      writeSync(fd, '\n')
      input.destroy()
    })
    lines.question('', (answer) => {
      resolve(answer)
      lines.close()
    })
    writeSync(fd, question)
  })
