/** The config file's place and text: a file of this user's own, that nobody else can write. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ConfigFault } from './fault.ts'

export interface ConfigFile {
  readonly path: string
  /** Named by CHAP_CONFIG: then it must be there. */
  readonly isNamed: boolean
}

/** `$CHAP_CONFIG` (`none`: no file), else `$XDG_CONFIG_HOME/chap/config.toml`, else `~/.config/chap/config.toml`. */
export const findConfig = (env: Readonly<Record<string, string | undefined>>, home: string): ConfigFile | null => {
  const named = env['CHAP_CONFIG']
  if (named === 'none') return null
  if (named !== undefined && named !== '') return { path: resolve(named), isNamed: true }
  const given = env['XDG_CONFIG_HOME']
  const dir = given?.startsWith('/') ? given : join(home, '.config')
  return { path: join(dir, 'chap', 'config.toml'), isNamed: false }
}

/**
 * All of the file's text; null: there is none, and none was named.
 * @throws ErrnoException for what the system refuses
 */
export const readConfigText = ({ path, isNamed }: ConfigFile): { readonly text: string } | ConfigFault | null => {
  let fd: number
  try {
    // A FIFO in its place must not hold chap up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    return isNamed ? { code: 'absent', path } : null
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) return { code: 'not_a_file', path }
    // What root wrote (a Nix store, say) is as good as one's own: root needs no config file to have its way.
    const uid = process.getuid?.()
    if (uid !== undefined && stats.uid !== uid && stats.uid !== 0) return { code: 'foreign', path, uid: stats.uid }
    if ((stats.mode & 0o022) !== 0) return { code: 'open_to_others', path, mode: stats.mode & 0o777 }
    return { text: readFileSync(fd, 'utf8') }
  } finally {
    closeSync(fd)
  }
}
