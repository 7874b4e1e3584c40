/** Why nobody can go on waiting for a job. */
import { existsSync } from 'node:fs'
import type { SecretFault } from '../domain/secret.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Read, ReadFault } from '../spool/read-record.ts'
import type { State } from '../spool/state.ts'

export type Trouble =
  /** The job was removed. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreadable'; readonly fault: ReadFault }
  /** Its chaperone is gone, and no new one could be brought up. */
  | { readonly kind: 'unattended'; readonly evidence: string }
  /** Its chaperone is gone, and a new one would not be let in: there is no secret to give it. */
  | { readonly kind: 'locked'; readonly fault: SecretFault }

/** A state that is damaged is written anew by the next chaperone; one that a newer chap wrote is not. */
export const findTrouble = (paths: JobPaths, state: Read<State>): Trouble | undefined => {
  if (state.ok) return undefined
  if (state.fault.code === 'newer') return { kind: 'unreadable', fault: state.fault }
  return existsSync(paths.dir) ? undefined : { kind: 'gone' }
}
