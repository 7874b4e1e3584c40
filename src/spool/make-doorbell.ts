/** Making the doorbell: node has no mkfifo(3). Apart from ringing it, since loading child_process costs every reader some milliseconds. */
import { execFileSync } from 'node:child_process'

/** @throws when mkfifo(1) can't make it */
export const makeDoorbell = (path: string): void => {
  execFileSync('mkfifo', ['-m', '600', path], { stdio: ['ignore', 'ignore', 'pipe'] })
}
