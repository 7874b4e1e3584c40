// A disk that forgets at a power cut whatever was not synced: bytes of a file, and names in a directory, each by itself.
import type { Random } from './random.ts'

export interface DiskFile {
  readonly kind: 'file'
  readonly inode: number
  bytes: Uint8Array
  size: number
  /** So many of its bytes survive a power cut. */
  synced: number
  modified: number
}

export interface DiskDirectory {
  readonly kind: 'directory'
  readonly inode: number
  entries: Map<string, DiskNode>
  /** The names that survive a power cut. */
  synced: Map<string, DiskNode>
  readonly watchers: Set<() => void>
}

/** A pipe with a name. Its holder reads it. */
export interface DiskFifo {
  readonly kind: 'fifo'
  readonly inode: number
  onRing: (() => void) | undefined
}

export type DiskNode = DiskFile | DiskDirectory | DiskFifo

export interface Disk {
  readonly find: (path: string) => DiskNode | undefined
  /** The directory in which the path's last name is or would be. */
  readonly findParent: (path: string) => { readonly parent: DiskDirectory | undefined; readonly name: string }
  readonly makeFile: () => DiskFile
  readonly makeDirectory: () => DiskDirectory
  readonly makeFifo: () => DiskFifo
  readonly losePower: (random: Random) => void
}

const EMPTY = new Uint8Array(0)

export const startDisk = (): Disk => {
  let inodes = 1
  const makeDirectory = (): DiskDirectory => {
    inodes += 1
    return { kind: 'directory', inode: inodes, entries: new Map(), synced: new Map(), watchers: new Set() }
  }
  const root = makeDirectory()
  // The same few paths are asked for again and again.
  const split = new Map<string, readonly string[]>()
  const namesOf = (path: string): readonly string[] => {
    let names = split.get(path)
    if (names === undefined) {
      names = path.split('/')
      split.set(path, names)
    }
    return names
  }
  const walk = (names: readonly string[], count: number): DiskNode | undefined => {
    let node: DiskNode | undefined = root
    for (let i = 1; i < count && node !== undefined; i += 1)
      node = node.kind === 'directory' ? node.entries.get(names[i] as string) : undefined
    return node
  }
  return {
    find: (path) => {
      const names = namesOf(path)
      return walk(names, names.length)
    },
    findParent: (path) => {
      const names = namesOf(path)
      const parent = walk(names, names.length - 1)
      return { parent: parent?.kind === 'directory' ? parent : undefined, name: names.at(-1) ?? '' }
    },
    makeDirectory,
    makeFile: () => {
      inodes += 1
      return { kind: 'file', inode: inodes, bytes: EMPTY, size: 0, synced: 0, modified: 0 }
    },
    makeFifo: () => {
      inodes += 1
      return { kind: 'fifo', inode: inodes, onRing: undefined }
    },
    losePower: (random) => forget(root, random, new Set()),
  }
}

export const append = (file: DiskFile, bytes: Uint8Array, now: number): void => {
  if (file.size + bytes.length > file.bytes.length) {
    const longer = new Uint8Array(Math.max(2 * file.bytes.length, file.size + bytes.length))
    longer.set(file.bytes.subarray(0, file.size))
    file.bytes = longer
  }
  file.bytes.set(bytes, file.size)
  file.size += bytes.length
  file.modified = now
}

const forget = (node: DiskNode, random: Random, seen: Set<DiskNode>): void => {
  if (seen.has(node)) return
  seen.add(node)
  if (node.kind === 'fifo') node.onRing = undefined
  if (node.kind === 'file') {
    const lost = node.size - node.synced
    if (lost > 0 && random.chance(0.7)) node.size = node.synced + (random.chance(0.5) ? 0 : random.int(lost + 1))
    node.synced = node.size
  }
  if (node.kind !== 'directory') return
  for (const name of new Set([...node.entries.keys(), ...node.synced.keys()])) {
    const kept = node.synced.get(name)
    if (kept === node.entries.get(name) || random.chance(0.5)) continue
    if (kept === undefined) node.entries.delete(name)
    else node.entries.set(name, kept)
  }
  node.synced = new Map(node.entries)
  node.watchers.clear()
  for (const child of node.entries.values()) forget(child, random, seen)
}
