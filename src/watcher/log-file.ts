/** Is the file of `--log-file` written? The job's chaperone says so in its log, when that changes. */
import type { Spec } from '../domain/spec.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readTail } from './read-tail.ts'

/** Bytes of the log's end that are looked at: what is older is as it was. */
const TAIL = 65_536

/** fault: the system's words, where it could not be written at the last try; null: nothing is known against it. */
export interface LogFileView {
  readonly file: string
  readonly fault: string | null
}

/** null: the job has none. */
export const viewLogFile = (
  { logFile: file }: Pick<Spec, 'logFile'>,
  { log }: Pick<JobPaths, 'log'>,
): LogFileView | null => {
  if (file === null) return null
  let fault: string | null = null
  for (const line of readTail(log, TAIL).split('\n')) {
    const words = line.slice(line.indexOf(' ') + 1)
    // A new one says again what is wrong.
    if (/^chaperone \d+, pid /.test(words) || words === `${file} can be written again`) fault = null
    if (words.startsWith(`${file} can't be written: `)) fault = words.slice(`${file} can't be written: `.length)
  }
  return { file, fault }
}
