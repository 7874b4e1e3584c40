/** Where things lie in a spool. A path is formed from an id that was checked, never from a name, a host or a command. */
import { dirname, join } from 'node:path'

/** What a job's directory holds. */
export interface JobPaths {
  readonly dir: string
  /** What was asked. Never changes. */
  readonly spec: string
  /** How it is. Replaced whole. */
  readonly state: string
  /** The values of the environment that was asked for; removed when the job has ended. */
  readonly environment: string
  readonly stdin: string
  readonly stdout: string
  readonly stderr: string
  /** When which stream had how many bytes. */
  readonly timeline: string
  /** What happened to it, one line for each change. */
  readonly events: string
  /** The runs of a series, in the launcher's own lines; other jobs have none. */
  readonly runs: string
  /** What of the streams is not kept; most jobs have none. */
  readonly gaps: string
  /** What was last to be appended to the file of `--log-file`. */
  readonly central: string
  readonly requests: string
  /** What the chaperone did, and ssh's own words. */
  readonly log: string
  /** A FIFO that the living chaperone holds open: a byte says "look again", ENXIO says that nobody is there. */
  readonly doorbell: string
  /** One file for each chaperone that ever owned the job, numbered; the highest number is the owner. */
  readonly chaperones: string
  /** Room for records while the disk is full; removed when the job has ended. */
  readonly spares: string
  /** A local job's launcher keeps its files here until the job is collected. */
  readonly launcher: string
  /** Made once, before the command of --on-exit is run. */
  readonly onExitClaim: string
  /** How it ended. */
  readonly onExit: string
  /** What it wrote. */
  readonly onExitLog: string
  /** What says at the callback's receiver who is calling; removed when all is delivered. */
  readonly callbackToken: string
  /** How much of it the receiver has. */
  readonly callback: string
  /** Somebody asks that it be tried again. */
  readonly callbackAgain: string
}

/** Letters without l and o, digits without 0 and 1: read aloud and typed without a mistake. Never looks like a number. */
const ID = /^[a-z][a-z0-9]{2,31}$/

export const isJobId = (text: string): boolean => ID.test(text)

export const jobsDir = (spool: string): string => join(spool, 'jobs')

/** @throws RangeError when id is not one: a programming error, since ids are checked where they come in */
export const jobPaths = (spool: string, id: string): JobPaths => {
  if (!isJobId(id)) throw new RangeError(`not a job id: ${JSON.stringify(id)}`)
  return pathsIn(join(jobsDir(spool), id))
}

/** Not by join: it takes a hundred times as long, and the jobs of a spool may be ten thousand. */
export const pathsIn = (dir: string): JobPaths => ({
  dir,
  spec: `${dir}/spec.json`,
  state: `${dir}/state.json`,
  environment: `${dir}/environment`,
  stdin: `${dir}/stdin`,
  stdout: `${dir}/stdout`,
  stderr: `${dir}/stderr`,
  timeline: `${dir}/timeline`,
  events: `${dir}/events`,
  runs: `${dir}/runs`,
  gaps: `${dir}/gaps`,
  central: `${dir}/central`,
  requests: `${dir}/requests`,
  log: `${dir}/log`,
  doorbell: `${dir}/doorbell`,
  chaperones: `${dir}/chaperones`,
  spares: `${dir}/spares`,
  launcher: `${dir}/launcher`,
  onExitClaim: `${dir}/on-exit.begun`,
  onExit: `${dir}/on-exit.json`,
  onExitLog: `${dir}/on-exit.log`,
  callbackToken: `${dir}/callback.token`,
  callback: `${dir}/callback.json`,
  callbackAgain: `${dir}/callback.again`,
})

/** The spool that a job lies in. */
export const spoolOf = ({ dir }: Pick<JobPaths, 'dir'>): string => dirname(dirname(dir))

/** What a group's directory holds. */
export interface GroupPaths {
  readonly dir: string
  /** Its jobs. */
  readonly record: string
  /** There as soon as all of its jobs' directories are: what is missing then was removed. */
  readonly ready: string
  /** One file for each turn that was given, numbered: the job of that place may run. */
  readonly turns: string
  /** Doorbells for the jobs that are still to be made. */
  readonly doorbells: string
}

export const groupsDir = (spool: string): string => join(spool, 'groups')

/** @throws RangeError when id is not one: a programming error */
export const groupPaths = (spool: string, id: string): GroupPaths => {
  if (!isJobId(id)) throw new RangeError(`not a group id: ${JSON.stringify(id)}`)
  const dir = join(groupsDir(spool), id)
  return {
    dir,
    record: join(dir, 'group.json'),
    ready: join(dir, 'ready'),
    turns: join(dir, 'turns'),
    doorbells: join(dir, 'doorbells'),
  }
}

/** The spool of this user: `$CHAP_SPOOL`, else `$XDG_STATE_HOME/chap`, else `~/.local/state/chap`. */
export const findSpool = (env: Readonly<Record<string, string | undefined>>, home: string): string => {
  const chosen = env['CHAP_SPOOL']
  if (chosen !== undefined && chosen !== '') return chosen
  const state = env['XDG_STATE_HOME']
  return join(state?.startsWith('/') ? state : join(home, '.local', 'state'), 'chap')
}
