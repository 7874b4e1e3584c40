/** Holding the doorbell, as the chaperone does for its whole life. */
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'

/** Holds the doorbell for the rest of this process's life, and calls `onRing` for every ring. */
export const holdDoorbell = (path: string, onRing: () => void): void => {
  // Read and write: with a writer of its own it never sees an end of file, and opening can't block.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const bell = new Socket({ fd, readable: true, writable: false })
  bell.on('data', onRing)
}
