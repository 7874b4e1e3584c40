// Random faults of the soak: each comes back when it is over. What must carry on afterwards is chap's business.
import { setTimeout as pause } from 'node:timers/promises'
import { readOwner } from '../../src/spool/chaperones.ts'
import type { TestJob } from '../rig/job.ts'
import { isAlive } from '../rig/processes.ts'
import { killAll, signalIfThere } from '../rig/signals.ts'
import type { ProxiedSshd } from '../rig/sshd.ts'
import type { Random } from '../simulation/random.ts'

export type Fault = (job: TestJob, sshd: ProxiedSshd, random: Random) => Promise<void>

const stopChaperone: Fault = async ({ paths }, _sshd, random) => {
  const identity = readOwner(paths)?.identity
  if (identity === undefined || !isAlive(identity.pid, Number(identity.startTime))) return
  signalIfThere(identity.pid, 'SIGSTOP')
  await pause(random.between(50, 2_500))
  if (isAlive(identity.pid, Number(identity.startTime))) signalIfThere(identity.pid, 'SIGCONT')
}

/** Whoever waits for the job brings a new one up. */
const killChaperone: Fault = async (job) => job.killChaperone()

const killLink: Fault = async (job) => killAll(job.linkProcesses().slice(0, 1))

export const localFaults: Readonly<Record<string, Fault>> = {
  'control killed': killLink,
  'chaperone killed': killChaperone,
  'chaperone stopped': stopChaperone,
}

export const sshFaults: Readonly<Record<string, Fault>> = {
  'ssh killed': killLink,
  'follower killed': async (job) => killAll(job.linkProcesses().slice(1, 2)),
  'chaperone killed': killChaperone,
  'chaperone stopped': stopChaperone,
  'sessions killed': async (_job, sshd) => sshd.killSessions(),
  reset: async (_job, { proxy }) => proxy.reset(),
  hole: async (_job, { proxy }, random) => {
    proxy.hole()
    await pause(random.between(100, 3_500))
    proxy.heal()
  },
}
