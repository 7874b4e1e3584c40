/** One step of an examination, as data: what was tried, what came of it, and what is wrong. The words are in words.ts beside it. */
import type { Fault, SpoolFault } from '../../index.ts'

export type StepName =
  | 'config'
  | 'ssh'
  | 'options'
  | 'name'
  | 'tcp'
  | 'connection'
  | 'host_key'
  | 'login'
  | 'shell'
  | 'rc_files'
  | 'programs'
  | 'directory'
  | 'space'
  | 'clock'
  | 'logout'
  | 'sessions'
  | 'round_trip'
  | 'node'
  | 'spool'
  | 'file_system'
  | 'sockets'
  | 'inotify'
  | 'descriptors'
  | 'agent'
  | 'autostart'

/** What is wrong, for the hint. */
export type Complaint =
  | { readonly code: 'fault'; readonly fault: Fault }
  | { readonly code: 'spool'; readonly fault: SpoolFault }
  | { readonly code: 'config'; readonly hint: string | null }
  | { readonly code: 'no_ssh' }
  | { readonly code: 'old_ssh' }
  | { readonly code: 'noisy' }
  | { readonly code: 'missing'; readonly programs: readonly string[] }
  | { readonly code: 'no_session' }
  | { readonly code: 'no_directory' }
  | { readonly code: 'little_space'; readonly place: string }
  /** On the disk of the spool. */
  | { readonly code: 'little_room' }
  | { readonly code: 'clock' }
  /** here: of this machine, where chaperones live. */
  | { readonly code: 'killed_at_logout'; readonly here: boolean }
  | { readonly code: 'few_sessions' }
  | { readonly code: 'network_file_system' }
  | { readonly code: 'volatile_file_system' }
  | { readonly code: 'no_sockets' }
  | { readonly code: 'no_inotify' }
  | { readonly code: 'few_descriptors' }
  | { readonly code: 'agent' }
  /** text: what would do it. */
  | { readonly code: 'no_autostart'; readonly text: string; readonly place: string }
  | { readonly code: 'stale_autostart' }
  | { readonly code: 'no_linger' }
  | { readonly code: 'no_cron' }

export interface Step {
  readonly name: StepName
  /** skip: it was not tried, and the evidence says why. */
  readonly status: 'ok' | 'warn' | 'fail' | 'skip'
  /** Facts: the system's own words, or ssh's. */
  readonly evidence: string
  readonly complaint: Complaint | null
  /** Milliseconds that it took; null: it came with another step. */
  readonly ms: number | null
}

export type Finding = Omit<Step, 'name' | 'ms'>

export const ok = (evidence: string): Finding => ({ status: 'ok', evidence, complaint: null })
export const skip = (evidence: string): Finding => ({ status: 'skip', evidence, complaint: null })
export const warn = (evidence: string, complaint: Complaint): Finding => ({ status: 'warn', evidence, complaint })
export const fail = (evidence: string, complaint: Complaint): Finding => ({ status: 'fail', evidence, complaint })

export const step = (name: StepName, finding: Finding, ms: number | null = null): Step => ({ name, ...finding, ms })

/** Does it, with its time. */
export const timed = async <T>(work: () => Promise<T> | T): Promise<readonly [T, number]> => {
  const start = performance.now()
  const result = await work()
  return [result, performance.now() - start]
}
