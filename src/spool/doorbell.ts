/**
 * The FIFO that a living chaperone holds open. The kernel drops it at SIGKILL and keeps it at SIGSTOP, so it tells the living
 * from the dead when no lock file can; and a byte written to it says "look again". It lies in the job's own directory,
 * so it has no length limit as a socket's path has, and needs no second directory.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'

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
