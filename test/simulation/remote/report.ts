// chap_report: what is true of the job, in the launcher's words.
import { contentOf } from '../content.ts'
import type { Host, JobDirectory, Note } from './host.ts'

const lives = (host: Host, note: Note | undefined): boolean =>
  note !== undefined && note.process !== 'never' && note.process.isAlive && note.bootId === host.bootId

/** Bytes of both streams that are said with the end. */
const SHORT = 800

/** chap_ended: the output, where it is short. */
const bringOutput = (host: Host, { sizes: { stdout, stderr } }: JobDirectory): string => {
  if (host.truth.series !== null || stdout + stderr > SHORT) return ''
  const octal = (stream: 'stdout' | 'stderr', size: number): string =>
    Array.from(contentOf(stream, 0, size), (byte) => byte.toString(8).padStart(3, '0')).join('')
  return `out=${octal('stdout', stdout)} err=${octal('stderr', stderr)} `
}

/** `starting` is not said to anybody: chap_settle waits until it is over. */
export const report = (host: Host, directory: JobDirectory): string => {
  if (!directory.exists) return 'gone'
  const begun = `pid=7 session=setsid boot=${directory.supervisor?.bootId ?? ''}`
  if (directory.exit !== undefined) {
    const isGroupAlive = [...directory.group].some(({ isAlive }) => isAlive)
    return `ended group=${isGroupAlive ? 1 : 0} ${begun} ${bringOutput(host, directory)}${directory.exit}`
  }
  const { supervisor, sizes } = directory
  const lost = (reason: string): string => `lost why=${reason} pid=7 stdout ${sizes.stdout} stderr ${sizes.stderr}`
  if (supervisor === undefined) return directory.series === undefined ? 'absent' : lost('supervisor_died')
  let why = 'rebooted'
  if (supervisor.bootId === host.bootId) {
    if (lives(host, supervisor) && host.truth.series !== null)
      return directory.series === undefined ? 'starting' : `running session=setsid boot=${supervisor.bootId}`
    if (lives(host, supervisor)) return directory.pid === undefined ? 'starting' : `running born=1 ${begun}`
    // Whoever takes the name `pid` first decides whether the command ever begins.
    directory.pid ??= { process: 'never', bootId: host.bootId }
    if (lives(host, directory.pid)) return `running born=1 ${begun} unsupervised=1`
    why = 'supervisor_died'
  }
  const isUnbegun = directory.pid === undefined || directory.pid.process === 'never'
  if (isUnbegun && directory.series === undefined) why = 'never_began'
  return lost(why)
}
