/** Reads a job's state again and again, and parses it only when it was replaced. */
import { statSync } from 'node:fs'
import type { Read } from '../spool/read-record.ts'
import { readState, type State } from '../spool/state.ts'

/** isNew: it is not the one of the call before. */
export const openState = (path: string): (() => { readonly read: Read<State>; readonly isNew: boolean }) => {
  let version = ''
  let read: Read<State> = { ok: false, fault: { code: 'missing', path } }
  return () => {
    // Before the reading: what is replaced in between is then read again.
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    const found = stats === undefined ? 'none' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`
    const isNew = found !== version
    if (isNew) {
      version = found
      read = readState(path)
    }
    return { read, isNew }
  }
}
