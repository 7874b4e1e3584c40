/** Where ssh's control sockets lie: a short, private directory. */
import { mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { checkDirectory } from '../spool/guard.ts'

/** A control socket's path may have 90 bytes, of which its name takes 30. */
const LONGEST_RUNTIME_DIR = 60

/** undefined: somebody else's stands in its place. */
export const makeRuntimeDir = (env: NodeJS.ProcessEnv): string | undefined =>
  candidates(env).find((candidate) => {
    try {
      mkdirSync(candidate, { recursive: true, mode: 0o700 })
      return checkDirectory(candidate) === undefined
    } catch {
      // Not to be had (a runtime directory that a logout removed): the next one.
      return false
    }
  })

/** The one that would be taken or made, as far as can be told without making it. */
export const findRuntimeDir = (
  env: NodeJS.ProcessEnv,
): { readonly path: string; readonly exists: boolean } | undefined => {
  for (const path of candidates(env)) {
    const fault = checkDirectory(path)
    if (fault === undefined || fault.code === 'absent') return { path, exists: fault === undefined }
  }
  return undefined
}

const candidates = (env: NodeJS.ProcessEnv): readonly string[] => {
  const own = join(tmpdir(), `chap-${userInfo().uid}`)
  const given = env['XDG_RUNTIME_DIR']
  return given?.startsWith('/') && given.length <= LONGEST_RUNTIME_DIR ? [join(given, 'chap'), own] : [own]
}
