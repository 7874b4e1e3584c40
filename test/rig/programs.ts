// Find programs the way a shell does, and also where administrators' programs live.
import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'

const administrators = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The path of a program, or undefined when this machine does not have it. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '/usr/bin:/bin').split(':'), ...administrators]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/** The path of a program that must be there. */
export function needProgram(name: string): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is not installed: run test/rig/install all`)
  return path
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
