// Where a secret must not be: in the argv or the environment of a process, or in a file.
import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** Looks at every process of this machine but this one, and at all files below these directories. */
export const expectNowhere = (secret: string, dirs: readonly string[]): void => {
  const places = [
    ...readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]),
    ...dirs.flatMap(filesBelow),
  ]
  expect(places.length).toBeGreaterThan(0)
  expect(places.filter((path) => holds(path, secret))).toEqual([])
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)

/** A process that ended meanwhile holds nothing. */
const holds = (path: string, secret: string): boolean => {
  try {
    return readFileSync(path).includes(secret)
  } catch {
    return false
  }
}
