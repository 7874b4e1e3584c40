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
}

let count = 0

export const startConnecting = ({ socket, secret }: SshTarget, args: readonly string[], stdio: Stdio): Connecting => {
  if (secret === null) return { child: startSsh(args, stdio), wrong: () => null }
  let child: Child | undefined
  let askpass: Askpass
  count += 1
  try {
    askpass = startAskpass(`${socket}.ask${count}`, secret, () => child?.kill())
  } catch (error) {
    return { child: neverStarted(Promise.resolve(error as Error)), wrong: () => null }
  }
  child = startSsh(args, stdio, askpass.env)
  void child.exited.then(askpass.close)
  return {
    child,
    wrong: () => {
      const evidence = askpass.declined()
      return evidence === null ? null : { code: 'authentication', evidence }
    },
  }
}
