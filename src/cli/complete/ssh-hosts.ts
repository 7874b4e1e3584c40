/** The hosts that ssh's own configuration names. Read for offering them only: what a name means is ssh's affair. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'

/** As deep as ssh itself goes. */
const DEEPEST = 16

/** Names of `Host` without patterns, of `~/.ssh/config` and what it includes. */
export const listSshHosts = (home: string): readonly string[] => [
  ...new Set(readHosts(join(home, '.ssh', 'config'), home, 0)),
]

const readHosts = (path: string, home: string, depth: number): readonly string[] => {
  const text = readIfThere(path)
  if (text === null || depth > DEEPEST) return []
  return text.split('\n').flatMap((line) => {
    const [, keyword = '', rest = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? []
    const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain)
    switch (keyword.toLowerCase()) {
      case 'host':
        return words.filter((word) => !/[*?!]/.test(word) && !word.startsWith('-'))
      case 'include':
        return words.flatMap((word) => findFiles(word, home)).flatMap((file) => readHosts(file, home, depth + 1))
      default:
        return []
    }
  })
}

/** A pattern's star and question mark may stand in the last part only, as they do in practice. */
const findFiles = (word: string, home: string): readonly string[] => {
  const relative = word.startsWith('~/') ? join(home, word.slice(2)) : word
  const path = isAbsolute(relative) ? relative : join(home, '.ssh', relative)
  if (!/[*?]/.test(basename(path))) return [path]
  const pattern = new RegExp(
    `^${basename(path)
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^.]?.*')
      .replaceAll('?', '.')}$`,
  )
  return listIfThere(dirname(path))
    .filter((name) => !name.startsWith('.') && pattern.test(name))
    .map((name) => join(dirname(path), name))
}

/** What can't be read names no host; ssh itself says why, when it is called. */
const readIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const listIfThere = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir).toSorted()
  } catch {
    return []
  }
}
