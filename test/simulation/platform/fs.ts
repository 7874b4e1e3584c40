// node:fs as src/ uses it, on the virtual disk. Every call is a point at which its process may die.
import { append, type DiskFifo, type DiskNode } from '../disk.ts'
import type { Process } from '../machine.ts'
import { here, stage } from '../stage.ts'
import { addOpen, changed, directoryOf, dropOpen, fail, fileOf, openOf, place } from './descriptors.ts'
import { listProcesses, readProcess } from './proc.ts'

export const constants = { O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_APPEND: 1024, O_NONBLOCK: 2048 }

const enter = (): void => here().call()

export const openSync = (path: string, flags: string | number, _mode?: number): number => {
  enter()
  const machine = here()
  let node = machine.disk.find(path)
  if (node === undefined && (flags === 'w' || flags === 'a')) {
    const { parent, name } = place(path, 'open')
    if (machine.isFull && machine.random.chance(0.3)) fail('ENOSPC', 'open', path)
    node = machine.disk.makeFile()
    parent.entries.set(name, node)
    changed(parent)
  }
  if (node === undefined) return fail('ENOENT', 'open', path)
  if (node.kind === 'file' && flags === 'w') {
    node.size = 0
    node.synced = 0
  }
  if (node.kind === 'fifo' && typeof flags === 'number') {
    if ((flags & 3) === constants.O_RDWR) holdFifo(node, machine.current())
    else if (node.onRing === undefined) return fail('ENXIO', 'open', path)
  }
  return addOpen(path, node, flags === 'r+' ? 0 : undefined)
}

const holdFifo = (fifo: DiskFifo, process: Process): void => {
  const hold = (): void => undefined
  fifo.onRing = hold
  process.atDeath.add(() => {
    fifo.onRing = undefined
  })
}

export const closeSync = (fd: number): void => {
  dropOpen(fd)
}

export const writeSync = (fd: number, data: string | Uint8Array, from = 0): number => {
  enter()
  const machine = here()
  const open = openOf(fd)
  const { node, path } = open
  if (node.kind === 'fifo') {
    node.onRing?.()
    return 1
  }
  const bytes = (typeof data === 'string' ? Buffer.from(data) : data).subarray(from)
  const file = fileOf(node, 'write', path)
  if (open.place !== undefined && open.place + bytes.length <= file.size) {
    // In place: its blocks are there, however full the disk is. What a power cut leaves of them is anything.
    const some = machine.random.chance(0.1) ? machine.random.int(bytes.length) : bytes.length
    file.synced = 0
    file.bytes.set(bytes.subarray(0, some), open.place)
    open.place += some
    return some
  }
  // A disk that is almost full takes some of it first.
  const some = machine.isFull || machine.random.chance(0.02) ? machine.random.int(bytes.length) : bytes.length
  if (machine.isFull && some < bytes.length / 2) fail('ENOSPC', 'write', path)
  append(file, bytes.subarray(0, some), machine.clock.wall())
  return some
}

export const writeFileSync = (fd: number, data: string | Uint8Array): void => {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
}

export const appendFileSync = (path: string, text: string): void => {
  enter()
  const machine = here()
  const { parent, name } = place(path, 'open')
  let node = parent.entries.get(name)
  if (node === undefined) {
    node = machine.disk.makeFile()
    parent.entries.set(name, node)
  }
  if (path.endsWith('/log')) machine.trace.note(machine.clock.now(), '      ', text.slice(25).trimEnd())
  const bytes = Buffer.from(text)
  const some = machine.isFull ? machine.random.int(bytes.length) : bytes.length
  append(fileOf(node, 'write', path), bytes.subarray(0, some), machine.clock.wall())
  if (some < bytes.length) fail('ENOSPC', 'write', path)
  changed(parent)
}

export const ftruncateSync = (fd: number, size: number): void => {
  enter()
  const { node, path } = openOf(fd)
  fileOf(node, 'ftruncate', path).size = size
}

export const fsyncSync = (fd: number): void => {
  enter()
  syncNode(openOf(fd).node)
}

const syncNode = (node: DiskNode): void => {
  if (node.kind === 'file') node.synced = node.size
  if (node.kind === 'directory') node.synced = new Map(node.entries)
}

export const fdatasync = (fd: number, done: (error: Error | null) => void): void => {
  enter()
  const machine = here()
  const { node } = openOf(fd)
  machine.wake(machine.current(), machine.random.between(0, 20), () => {
    machine.call()
    syncNode(node)
    done(null)
  })
}

export const renameSync = (from: string, to: string): void => {
  enter()
  const source = place(from, 'rename')
  const target = place(to, 'rename')
  const node = source.parent.entries.get(source.name) ?? fail('ENOENT', 'rename', from)
  const old = target.parent.entries.get(target.name)
  if (old?.kind === 'directory' && old.entries.size > 0) fail('ENOTEMPTY', 'rename', to)
  source.parent.entries.delete(source.name)
  target.parent.entries.set(target.name, node)
  changed(target.parent)
  stage().law.onPublished(to, node)
}

export const linkSync = (from: string, to: string): void => {
  enter()
  const source = place(from, 'link')
  const target = place(to, 'link')
  const node = source.parent.entries.get(source.name) ?? fail('ENOENT', 'link', from)
  if (target.parent.entries.has(target.name)) fail('EEXIST', 'link', to)
  target.parent.entries.set(target.name, node)
  changed(target.parent)
  stage().law.onPublished(to, node)
}

export const unlinkSync = (path: string): void => {
  enter()
  const { parent, name } = place(path, 'unlink')
  if (!parent.entries.delete(name)) fail('ENOENT', 'unlink', path)
  changed(parent)
}

export const rmSync = (path: string, _options?: object): void => {
  enter()
  const { parent, name } = here().disk.findParent(path)
  parent?.entries.delete(name)
}

export const mkdirSync = (path: string, options: { readonly recursive?: boolean } = {}): void => {
  enter()
  const { parent, name } = place(path, 'mkdir')
  if (parent.entries.has(name)) {
    if (options.recursive === true) return
    fail('EEXIST', 'mkdir', path)
  }
  parent.entries.set(name, here().disk.makeDirectory())
  changed(parent)
}

export const readdirSync = (path: string): string[] => {
  enter()
  if (path === '/proc') return listProcesses()
  return [...directoryOf(here().disk.find(path), 'scandir', path).entries.keys()]
}

export const existsSync = (path: string): boolean => {
  enter()
  return here().disk.find(path) !== undefined
}

export const readFileSync = (path: string, _encoding?: string): string => {
  enter()
  if (path.startsWith('/proc/')) return readProcess(path) ?? fail('ENOENT', 'open', path)
  const { bytes, size } = fileOf(here().disk.find(path), 'open', path)
  return Buffer.from(bytes.buffer, bytes.byteOffset, size).toString()
}

export const readSync = (fd: number, into: Uint8Array, offset: number, length: number, position: number): number => {
  enter()
  const { node, path } = openOf(fd)
  const { bytes, size } = fileOf(node, 'read', path)
  const wanted = Math.max(0, Math.min(length, size - position))
  into.set(bytes.subarray(position, position + wanted), offset)
  return wanted
}

interface Stats {
  readonly size: number
  readonly ino: number
  readonly mtimeMs: number
  readonly mtimeNs: number
  readonly isFIFO: () => boolean
}

const statsOf = (node: DiskNode): Stats => {
  const modified = node.kind === 'file' ? node.modified : 0
  return {
    size: node.kind === 'file' ? node.size : 0,
    ino: node.inode,
    mtimeMs: modified,
    mtimeNs: modified,
    isFIFO: () => node.kind === 'fifo',
  }
}

export const fstatSync = (fd: number): Stats => {
  enter()
  return statsOf(openOf(fd).node)
}

/** In blocks of one byte. */
export const statfsSync = (_path: string): Record<'bsize' | 'blocks' | 'bavail', number> => {
  enter()
  const free = here().isFull ? 0 : 1e12
  return { bsize: 1, blocks: 1e12, bavail: free }
}

export const statSync = (path: string, options: { readonly throwIfNoEntry?: boolean } = {}): Stats | undefined => {
  enter()
  const node = here().disk.find(path)
  if (node === undefined && options.throwIfNoEntry !== false) fail('ENOENT', 'stat', path)
  return node === undefined ? undefined : statsOf(node)
}

/** Hints come late, several at once, and now and then not at all. */
export const watch = (path: string, onEvent: () => void): { on: () => void; close: () => void } => {
  enter()
  const machine = here()
  const process = machine.current()
  const directory = directoryOf(machine.disk.find(path), 'watch', path)
  let isTold = false
  const tell = (): void => {
    if (isTold || machine.random.chance(0.02)) return
    isTold = true
    machine.wake(process, machine.random.between(0, 3), () => {
      isTold = false
      onEvent()
    })
  }
  const close = (): void => {
    directory.watchers.delete(tell)
  }
  directory.watchers.add(tell)
  process.atDeath.add(close)
  return { on: () => undefined, close }
}
