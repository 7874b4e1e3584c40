// /proc of the virtual machine: which processes there are, whose children, and since when.
import { here } from '../stage.ts'

export const listProcesses = (): string[] => [...here().processes.keys()].map(String)

/** undefined: there is no such file. */
export const readProcess = (path: string): string | undefined => {
  const machine = here()
  if (path === '/proc/sys/kernel/random/boot_id') return `${machine.bootId}\n`
  const process = machine.processes.get(Number(path.split('/')[2]))
  if (process === undefined) return undefined
  // pid (name) state ppid pgrp session ... the 20th after the name: its start time
  const between = Array.from({ length: 15 }, () => '0').join(' ')
  return `${process.pid} (${process.name}) S 1 ${process.session} ${process.session} ${between} ${process.startTime} 0`
}
