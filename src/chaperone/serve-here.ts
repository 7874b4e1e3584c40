/** A chaperone in the foreground: the process that somebody called, which may be signalled by them and is waited for. */
import { appendFileSync } from 'node:fs'
import { pathsIn } from '../spool/layout.ts'
import { serve } from './serve.ts'

/**
 * Resolves when nothing is left to do for the job here, and at once when another chaperone owns it. Signals are the caller's affair, but for SIGHUP: the
 * terminal or the connection that it was called from may go away at any time.
 * @throws Error when the job can't be taken up
 */
export const serveHere = async (dir: string): Promise<void> => {
  process.umask(0o077)
  process.chdir('/')
  process.on('SIGHUP', () => undefined)
  process.on('uncaughtException', (error) => {
    try {
      appendFileSync(pathsIn(dir).log, `${new Date().toISOString()} the chaperone failed: ${error.stack}\n`)
      process.stderr.write(`chap: a defect of chap's own: ${error.stack}\n`)
    } finally {
      process.exit(125)
    }
  })
  await serve(dir, null, () => undefined)
}
