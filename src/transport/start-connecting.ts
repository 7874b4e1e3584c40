/** Starts an ssh that makes a connection of its own, with somebody to ask when there is a secret to be asked for. */
import type { Fault } from '../domain/fault.ts'
import { type Askpass, startAskpass } from './askpass.ts'
import { type Child, neverStarted, type Stdio } from './child.ts'
import type { SshTarget } from './ssh-argv.ts'
import { startSsh } from './start-ssh.ts'

export interface Connecting {
  readonly child: Child
  /** What was wrong with the secret; null: nothing that is known. */
  readonly wrong: () => Fault | null
  /** It is let in, and asks no more. */
  readonly settled: () => void
}

let count = 0

/** An ssh that asks nobody. */
export const unasking = (child: Child): Connecting => ({ child, wrong: () => null, settled: () => undefined })

export const startConnecting = (
  { socket, secret }: SshTarget,
  args: readonly string[],
  stdio: Stdio,
  life?: 'outlives',
): Connecting => {
  if (secret === null) return unasking(startSsh(args, stdio, {}, life))
  let child: Child | undefined
  let askpass: Askpass
  count += 1
  try {
    askpass = startAskpass(`${socket}.ask${count}`, secret, () => child?.kill())
  } catch (error) {
    return unasking(neverStarted(Promise.resolve(error as Error)))
  }
  child = startSsh(args, stdio, askpass.env, life)
  void child.exited.then(askpass.close)
  return {
    child,
    settled: askpass.close,
    wrong: () => {
      const evidence = askpass.declined()
      return evidence === null ? null : { code: 'authentication', evidence }
    },
  }
}
