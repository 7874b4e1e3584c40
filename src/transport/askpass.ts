/**
 * Answers one ssh that asks for a password or a passphrase. ssh runs an askpass program with no descriptor above 2, so the program and
 * the chaperone meet at a socket; its path is in that ssh's environment, and the secret is in this process's memory alone.
 */
import { chmodSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { isAnswerable, isHostKeyQuestion, subjectOf } from './prompts.ts'

/** In dist/, beside the bundles. */
const program = fileURLToPath(new URL('./askpass', import.meta.url))

/** The longest question that is listened to, in characters. */
const LONGEST = 4_096

export interface Askpass {
  /** For the environment of that ssh alone. */
  readonly env: Readonly<Record<string, string>>
  /** Why a question got no answer, which ended the try; null: there was none. */
  readonly declined: () => string | null
  readonly close: () => void
}

/**
 * @param onDeclined called when going on would only be another wrong answer: ssh takes a silent askpass for an empty password
 * @throws Error when there can be no socket now (a descriptor is missing)
 */
export const startAskpass = (path: string, secret: string, onDeclined: () => void): Askpass => {
  const answered = new Set<string>()
  let declined: string | null = null

  const answer = (question: string, socket: Socket): void => {
    const subject = subjectOf(question)
    if (subject !== null && isAnswerable(subject, answered)) {
      answered.add(subject)
      socket.end(`+${secret}`)
      return
    }
    socket.end('-')
    if (isHostKeyQuestion(question)) return
    const words = question.trim()
    declined ??= subject !== null && answered.has(subject) ? `not accepted, asked again: ${words}` : `it asks: ${words}`
    onDeclined()
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let question = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      question += text
      if (question.length > LONGEST) socket.destroy()
    })
    socket.on('end', () => answer(question, socket))
    // A program that died is told by ssh's exit.
    socket.on('error', () => undefined)
  })
  let failure: Error | undefined
  server.on('error', (error) => {
    failure = error
  })
  server.listen(path)
  // A local socket listens at once or not at all; only the event comes later.
  if (!server.listening) throw failure ?? Object.assign(new Error('no socket for askpass'), { code: 'EMFILE' })
  chmodSync(path, 0o600)
  server.unref()

  return {
    env: {
      SSH_ASKPASS: program,
      SSH_ASKPASS_REQUIRE: 'force',
      // Before OpenSSH 8.4 there is no REQUIRE: it takes a display and no terminal.
      DISPLAY: process.env['DISPLAY'] ?? ':0',
      CHAP_ASKPASS: path,
      CHAP_NODE: process.execPath,
    },
    declined: () => declined,
    close: () => void server.close(),
  }
}
