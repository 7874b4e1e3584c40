/** A chaperone in the foreground: the process that somebody called, which may be signalled by them and is waited for. */
import { appendFileSync } from 'node:fs'
import { pathsIn } from '../spool/layout.ts'

/**
 * @param secret what ssh gets when it asks; it stays in this process's memory
 * @param onTerm is told how to have it leave the job to the next chaperone; by default SIGTERM does
 */
export type Serve = (dir: string, secret: string | null, onTerm?: (leave: () => void) => void) => Promise<void>

/** Built apart, in dist/: it would double what every program that uses the library has to load. */
const program = new URL('./serve.cjs', import.meta.url).href

/**
 * Resolves when nothing is left to do for the job here, and at once when another chaperone owns it. Signals are the caller's affair, but for SIGHUP: the
 * terminal or the connection that it was called from may go away at any time.
 * @param onOwned is told how to have it leave the job to the next chaperone
 * @throws Error when the job can't be taken up
 */
export const serveHere = async (dir: string, onOwned: (leave: () => void) => void): Promise<void> => {
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
  const { serve } = (await import(program)) as { serve: Serve }
  await serve(dir, null, onOwned)
}
