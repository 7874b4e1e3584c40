// A small disk: a tmpfs of so many KiB, mounted at a directory, that can be full and be given room again.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { needProgram } from './programs.ts'

export interface Disk {
  readonly path: string
  resize(kib: number): void
  /** Unmounts it, whoever still uses it. */
  release(): void
}

export const mountDisk = (path: string, kib: number): Disk => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const mount = (...args: readonly string[]): void => void execFileSync(needProgram('mount'), args)
  mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=700`, 'chap-t-disk', path)
  return {
    path,
    resize: (size) => mount('-o', `remount,size=${size}k`, path),
    release: () => void execFileSync(needProgram('umount'), ['--lazy', path]),
  }
}
