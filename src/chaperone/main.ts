/** The chaperone's process: started detached, for a job's directory; it owns that job until nothing is left to do. */
import { appendFileSync, readFileSync } from 'node:fs'
import { restoreCertificates } from '../domain/lean-environment.ts'
import { pathsIn } from '../spool/layout.ts'
import { serve } from './serve.ts'

process.umask(0o077)
restoreCertificates(process.env)
// Its terminal may go away at any time.
process.on('SIGHUP', () => undefined)
process.on('SIGINT', () => undefined)

// `chap start` starts this process before the job has a directory, and says it then on stdin: two nodes start side by side. A secret
// follows behind a NUL.
const [jobDir = '', secret = null] =
  process.argv[2] === undefined ? readFileSync(0, 'utf8').split('\0') : [process.argv[2]]
// It was not to be: the command line was wrong, or the disk full.
if (jobDir === '') process.exit(0)
// Nobody reads its stderr: its last words go to the job's log. The job can be taken up by another chaperone.
process.on('uncaughtException', (error) => {
  try {
    appendFileSync(pathsIn(jobDir).log, `${new Date().toISOString()} the chaperone failed: ${error.stack}\n`)
  } finally {
    process.exit(125)
  }
})
// No await: it is bundled as CommonJS, which node loads in half the time.
void serve(jobDir, secret).then(() => process.exit(0))
