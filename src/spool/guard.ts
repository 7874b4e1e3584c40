/** The spool is private: nothing in it is read or written when another user could have put it there. */
import { lstatSync, mkdirSync, type Stats } from 'node:fs'
import { jobsDir } from './layout.ts'

export type SpoolFault =
  | { readonly code: 'absent'; readonly path: string }
  | { readonly code: 'not_a_directory'; readonly path: string }
  | { readonly code: 'foreign'; readonly path: string; readonly uid: number }
  | { readonly code: 'open_to_others'; readonly path: string; readonly mode: number }

/**
 * Checks the spool's directories; undefined: they are this user's own, and nobody else can write there.
 * @throws ErrnoException for what the system refuses
 */
export const checkSpool = (spool: string): SpoolFault | undefined =>
  checkDirectory(spool) ?? checkDirectory(jobsDir(spool))

/** Makes the spool where there is none, and checks it. */
export const openSpool = (spool: string): SpoolFault | undefined => {
  try {
    mkdirSync(jobsDir(spool), { recursive: true, mode: 0o700 })
  } catch (error) {
    // Something else stands in its place, which the check names.
    const fault = checkSpool(spool)
    if (fault === undefined || fault.code === 'absent') throw error
    return fault
  }
  return checkSpool(spool)
}

/** Checks one directory: real, this user's, and closed to others' writing. */
export const checkDirectory = (path: string): SpoolFault | undefined => {
  let stats: Stats
  try {
    stats = lstatSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { code: 'absent', path }
    throw error
  }
  if (!stats.isDirectory()) return { code: 'not_a_directory', path }
  const uid = process.getuid?.()
  if (uid !== undefined && stats.uid !== uid) return { code: 'foreign', path, uid: stats.uid }
  if ((stats.mode & 0o022) !== 0) return { code: 'open_to_others', path, mode: stats.mode & 0o777 }
  return undefined
}
