// A small disk: a tmpfs of so many KiB, mounted at a directory, that can be full and be given room again.
import { execFileSync } from 'node:child_process'
import { mkdirSync, statfsSync } from 'node:fs'
import { needProgram } from './programs.ts'

export interface Disk {
  readonly path: string
  resize(kib: number): void
  /** From now on so many files more can be made; undefined: any number. */
  allow(files?: number): void
  /** Unmounts it, whoever still uses it. */
  release(): void
}

const ALL_FILES = 10_000

export const mountDisk = (path: string, kib: number): Disk => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const mount = (...args: readonly string[]): void => void execFileSync(needProgram('mount'), args)
  mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=700,nr_inodes=${ALL_FILES}`, 'chap-t-disk', path)
  return {
    path,
    resize: (size) => mount('-o', `remount,size=${size}k`, path),
    allow: (files) => {
      const { files: all, ffree } = statfsSync(path)
      mount('-o', `remount,nr_inodes=${files === undefined ? ALL_FILES : all - ffree + files}`, path)
    },
    release: () => void execFileSync(needProgram('umount'), ['--lazy', path]),
  }
}
