// Descriptors and names of the virtual disk, as a process sees them.
import type { DiskDirectory, DiskFile, DiskNode } from '../disk.ts'
import { here } from '../stage.ts'

interface Open {
  readonly path: string
  readonly node: DiskNode
  /** Where in its blocks the next byte is put; undefined: behind the last one. */
  place: number | undefined
}

const opened = new Map<number, Open>()
let numbers = 3

export const closeAll = (): void => opened.clear()

export const addOpen = (path: string, node: DiskNode, at?: number): number => {
  numbers += 1
  opened.set(numbers, { path, node, place: at })
  return numbers
}

export const dropOpen = (fd: number): void => {
  opened.delete(fd)
}

/** Says it as the system does. */
export const fail = (code: string, call: string, path: string): never => {
  // Most of these are expected, and nobody reads their stacks.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = Object.assign(new Error(`${code}: ${call} '${path}'`), { code, process: here().running() })
  Error.stackTraceLimit = stackTraceLimit
  throw error
}

export const openOf = (fd: number): Open => opened.get(fd) ?? fail('EBADF', 'fd', String(fd))

export const fileOf = (node: DiskNode | undefined, call: string, path: string): DiskFile => {
  if (node?.kind === 'file') return node
  return fail(node === undefined ? 'ENOENT' : 'EISDIR', call, path)
}

export const directoryOf = (node: DiskNode | undefined, call: string, path: string): DiskDirectory => {
  if (node?.kind === 'directory') return node
  return fail(node === undefined ? 'ENOENT' : 'ENOTDIR', call, path)
}

/** The directory and the name of something that is to be made or removed. */
export const place = (path: string, call: string): { readonly parent: DiskDirectory; readonly name: string } => {
  const { parent, name } = here().disk.findParent(path)
  return parent === undefined ? fail('ENOENT', call, path) : { parent, name }
}

export const changed = (directory: DiskDirectory): void => {
  for (const tell of directory.watchers) tell()
}

/** What readers of a directory are told when a file in it grew. */
export const grew = (path: string): void => {
  const { parent } = here().disk.findParent(path)
  if (parent !== undefined) changed(parent)
}

/** The bytes of an open file, for another program. */
export const readOpened = (fd: number): Uint8Array => {
  const { node, path } = openOf(fd)
  const { bytes, size } = fileOf(node, 'read', path)
  return bytes.subarray(0, size)
}

/** Is told whenever somebody rings a FIFO, at most once at a time. */
export const onFifo = (fd: number, onData: () => void): void => {
  const { node } = openOf(fd)
  if (node.kind !== 'fifo') throw new TypeError('only a FIFO is read this way')
  const machine = here()
  const process = machine.current()
  let isRung = false
  node.onRing = () => {
    if (isRung) return
    isRung = true
    machine.wake(process, machine.random.between(0, 2), () => {
      isRung = false
      onData()
    })
  }
}
