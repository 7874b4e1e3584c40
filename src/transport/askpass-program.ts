/**
 * What ssh runs to ask for a password, by way of the script `askpass`: passes the question to the chaperone and prints its answer.
 * Exit status 0: answered; 1: no answer to this; else it could not ask.
 */
import { createConnection } from 'node:net'

const DECLINED = 1
const COULD_NOT_ASK = 3

// Set when there is nothing to type: a notice, or a yes that only a person can give.
if (process.env['SSH_ASKPASS_PROMPT'] !== undefined) process.exit(DECLINED)

const fail = (error: Error): never => {
  process.stderr.write(`${error.message}\n`)
  process.exit(COULD_NOT_ASK)
}

const socket = createConnection(process.env['CHAP_ASKPASS'] ?? '')
let answer = ''
socket.on('error', fail)
socket.setEncoding('utf8').on('data', (text: string) => {
  answer += text
})
socket.on('end', () => {
  if (answer.startsWith('+')) process.stdout.write(`${answer.slice(1)}\n`)
  else if (answer === '-') process.exitCode = DECLINED
  else fail(new Error('the chaperone gave no answer'))
})
socket.end(process.argv[2] ?? '')
