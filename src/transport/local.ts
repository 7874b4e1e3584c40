/** This machine as a transport: the launcher run by the local sh, its recorders appending straight to the spool. */
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { type Child, childOf, isScarcity } from './child.ts'
import { launcherText, READ_LAUNCHER } from './launcher.ts'
import type { Transport } from './transport.ts'

/** How long a control session may take to end by itself once its stdin has: it has a subshell to end. */
const PATIENCE_MS = 1_000

/** Takes the launcher from its descriptor 3. */
export const localArgv = ['sh', '-c', READ_LAUNCHER] as const

export const localTransport = (): Transport => {
  let child: Child | undefined
  return {
    control: () => {
      const [program, ...args] = localArgv
      const sh = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] })
      // Without a descriptor left there are no streams at all.
      const launcher = sh.stdio?.[3] as Writable | null | undefined
      // A dead reader is told by the exit.
      launcher?.on('error', () => undefined).end(launcherText())
      child = childOf(sh)
      return child
    },
    session: null,
    explain: (status, noise, greeted) => ({
      code: !greeted && status instanceof Error && !isScarcity(status) ? 'no_shell' : 'lost',
      evidence:
        status instanceof Error
          ? status.message
          : `sh ended with ${status}${noise.length > 0 ? `: ${noise.at(-1)}` : ''}`,
    }),
    end: async () => {
      if (child === undefined) return
      const dying = child
      dying.stdin?.end()
      const timer = setTimeout(() => dying.kill(), PATIENCE_MS)
      await dying.exited
      clearTimeout(timer)
    },
  }
}
