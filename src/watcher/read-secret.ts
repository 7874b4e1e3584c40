/** Gets a job's secret from where its spec says it is, for the chaperone that is about to be started. */
import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import type { AskSecret, Secret, SecretFault, SecretSource } from '../domain/secret.ts'

/** Bytes that ssh takes from its askpass; it cuts off what is more, without a word. */
const LONGEST = 1_023

/**
 * Never rejects for what a file, a command or a person can do.
 * @param askSecret asks a person at the terminal; undefined: there is none
 */
export const readSecret = async (source: SecretSource, askSecret: AskSecret | undefined): Promise<Secret> => {
  switch (source.kind) {
    case 'none':
      return { ok: true, value: null }
    case 'file':
      return readFile(source.path)
    case 'command':
      return runCommand(source.command)
    case 'prompt':
      if (askSecret === undefined) return failed({ code: 'no_terminal' })
      return askSecret().then((typed) =>
        typed === null ? failed({ code: 'not_typed' }) : check(typed, 'what was typed'),
      )
  }
}

const failed = (fault: SecretFault): Secret => ({ ok: false, fault })

/** The first line: editors and `echo` end a line, and ssh ends a password there. */
const check = (text: string, from: string): Secret => {
  const value = /^[^\r\n\0]*/.exec(text)?.[0] ?? ''
  if (value === '') return failed({ code: 'empty', from })
  return Buffer.byteLength(value) > LONGEST ? failed({ code: 'too_long', from }) : { ok: true, value }
}

const readFile = (path: string): Secret => {
  try {
    const fd = openSync(path, 'r')
    try {
      const stats = fstatSync(fd)
      // ssh's own rule for keys. A pipe (`<(pass show gpu1)`) is nobody else's to open.
      if (stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & 0o077) !== 0)
        return failed({ code: 'open_to_others', path, mode: stats.mode & 0o777 })
      return check(readFileSync(fd, 'utf8'), path)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return failed({ code: 'no_file', path, detail: (error as NodeJS.ErrnoException).message })
  }
}

/** Its stdin and stderr are this process's: it may ask for a passphrase itself. */
const runCommand = (command: string): Promise<Secret> =>
  new Promise((resolve) => {
    const fail = (detail: string): void => resolve(failed({ code: 'command_failed', command, detail }))
    const sh = spawn('sh', ['-c', command], { cwd: homedir(), stdio: ['inherit', 'pipe', 'inherit'] })
    const said: Buffer[] = []
    sh.stdout?.on('data', (chunk: Buffer) => said.push(chunk))
    sh.once('error', (error) => fail(error.message))
    sh.once('close', (status, signal) => {
      if (status === 0) resolve(check(Buffer.concat(said).toString(), command))
      else fail(signal === null ? `it ended with ${status}` : `it was ended by ${signal}`)
    })
  })
