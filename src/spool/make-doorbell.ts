/** Making doorbells: node has no mkfifo(3). Apart from ringing them, since loading child_process costs every reader some milliseconds. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'

/** Paths in one command line. */
const AT_ONCE = 500

/** @throws when mkfifo(1) can't make them */
export const makeDoorbell = (...paths: readonly string[]): void => {
  execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] })
}

export interface Doorbells {
  /** Puts one there. @throws when it can't be made */
  readonly take: (path: string) => void
  /** Removes those that nobody took. */
  readonly over: () => void
}

/** For many jobs: to start a program takes this process as long as all else that a job's directory needs. @param dir is made, and removed at the end */
export const makeDoorbells = (dir: string, count: number): Doorbells => {
  const made: string[] = []
  let left = count
  return {
    take: (path) => {
      if (made.length === 0) {
        mkdirSync(dir, { recursive: true, mode: 0o700 })
        const next = Math.max(1, Math.min(left, AT_ONCE))
        made.push(...Array.from({ length: next }, (_, index) => `${dir}/${left - index}`))
        makeDoorbell(...made)
      }
      left -= 1
      renameSync(made.pop() as string, path)
    },
    over: () => rmSync(dir, { recursive: true, force: true }),
  }
}
