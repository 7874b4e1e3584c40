/**
 * The FIFO that a living chaperone holds open. The kernel drops it at SIGKILL and keeps it at SIGSTOP, so it tells the living
 * from the dead when no lock file can; and a byte written to it says "look again". It lies in the job's own directory,
 * so it has no length limit as a socket's path has, and needs no second directory.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'

/** @throws when mkfifo(1) can't make it */
export const makeDoorbell = (path: string): void => {
  execFileSync('mkfifo', ['-m', '600', path], { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Holds the doorbell for the rest of this process's life, and calls `onRing` for every ring. */
export const holdDoorbell = (path: string, onRing: () => void): void => {
  // Read and write: with a writer of its own it never sees an end of file, and opening can't block.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const bell = new Socket({ fd, readable: true, writable: false })
  bell.on('data', onRing)
}

/** Rings. false: nobody holds the doorbell, on this machine; or there is none. */
export const ringDoorbell = (path: string): boolean => onDoorbell(path, (fd) => writeSync(fd, '!'))

/** Does a process hold the doorbell? Touches nothing. */
export const probeDoorbell = (path: string): boolean => onDoorbell(path, () => undefined)

const onDoorbell = (path: string, act: (fd: number) => unknown): boolean => {
  let fd: number
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENXIO' || code === 'ENOENT') return false
    throw error
  }
  try {
    if (!fstatSync(fd).isFIFO()) return false
    act(fd)
  } catch (error) {
    // EAGAIN: it has been rung 65,536 times and not looked at; one more says nothing new.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
  } finally {
    closeSync(fd)
  }
  return true
}
