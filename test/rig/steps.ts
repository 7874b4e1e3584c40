// A command that goes on step by step, each when the test says so: what it writes is known, so a fault can stand between any two.
import { writeFileSync } from 'node:fs'
import type { Written } from './invariants.ts'
import type { Spool } from './spool.ts'

export interface Steps {
  readonly argv: readonly [string, ...string[]]
  /** A line is added to it each time the command begins. */
  readonly runs: string
  /** Lets it write the next `count` pieces. */
  readonly go: (count?: number) => void
  /** What it has written after so many steps; all of them, unless told. */
  readonly written: (steps?: number) => Written
}

const LINES = 100

/**
 * Writes to both streams in each step, and exits 42 after the last.
 * @param name tells it from others in the same spool
 */
export const makeSteps = (spool: Pick<Spool, 'root'>, total: number, name = ''): Steps => {
  const place = `${spool.root}/step${name}`
  const runs = `${spool.root}/runs${name}`
  const script = `echo begun >>"$2"; i=0
while [ $i -lt ${total} ]; do
  until [ -e "$1.$i" ]; do sleep 0.02; done
  j=0; while [ $j -lt ${LINES} ]; do echo "out $i.$j"; echo "err $i.$j" >&2; j=$((j + 1)); done
  i=$((i + 1))
done
exit 42`
  let allowed = 0
  const text = (word: string, steps: number): Buffer =>
    Buffer.from(
      Array.from({ length: steps * LINES }, (_, n) => `${word} ${Math.floor(n / LINES)}.${n % LINES}\n`).join(''),
    )
  return {
    argv: ['sh', '-c', script, 'sh', place, runs],
    runs,
    go: (count = 1) => {
      for (const end = allowed + count; allowed < end; allowed += 1) writeFileSync(`${place}.${allowed}`, '')
    },
    written: (steps = total) => ({ stdout: text('out', steps), stderr: text('err', steps) }),
  }
}
