/** What can be wrong with a link: codes with evidence. The words for a person are in explain.ts. */

export type FaultCode =
  | 'authentication'
  | 'host_key'
  | 'refused' // connection refused: nothing listens there
  | 'unknown_host'
  | 'unreachable'
  | 'timeout' // no answer in time while connecting
  | 'busy' // the server closes before its banner: full, or starting
  | 'lost' // a link that stood broke
  | 'silent' // a link that stood stopped answering
  | 'no_shell' // connected, but no sh answered
  | 'no_directory'
  | 'no_processes' // nothing there tells one process from another
  | 'sudo_denied' // sudo, su or doas refuse
  | 'no_program' // what a command is to pass through is not there
  | 'superseded' // a newer link of the same job is there
  | 'usage'
  | 'disk_full' // on this machine: the spool's
  | 'remote_disk_full' // where the job's files go there
  | 'no_holes' // files can't be rid of their middle there

export interface Fault {
  readonly code: FaultCode
  /** ssh's own words, sudo's, or the system's. */
  readonly evidence: string
}

/** Faults that trying again can't mend: a job that has certainly not begun is refused for them. */
export const PERMANENT = [
  'authentication',
  'host_key',
  'no_shell',
  'no_directory',
  'no_processes',
  'sudo_denied',
  'no_program',
  'no_holes',
  'usage',
] as const

export type PermanentCode = (typeof PERMANENT)[number]

export const permanentCode = (fault: Fault): PermanentCode | undefined => PERMANENT.find((code) => code === fault.code)
