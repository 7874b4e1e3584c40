// Signal processes of the rig's own, and only while the pid still names the same process.
import { isAlive, type ProcessIdentity, waitUntilGone } from './processes.ts'

/** SIGKILL each of these that is still alive, and see them gone. */
export async function killAll(processes: readonly ProcessIdentity[], deadline = 5_000): Promise<void> {
  for (const { pid, startTime } of processes) {
    if (isAlive(pid, startTime)) signalIfThere(pid, 'SIGKILL')
  }
  await waitUntilGone(processes, deadline)
}

/** Signal a process that may be ending at this very moment. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
