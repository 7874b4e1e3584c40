// A machine of its own as far as sshd and what it starts can tell: pid and mount namespaces, and a boot id that changes when it reboots.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findByEnvironment, waitUntilGone } from './processes.ts'
import { needProgram } from './programs.ts'
import { type Sshd, type SshdOptions, startSshd } from './sshd.ts'
import { rigVariable } from './sshd-files.ts'

export interface Machine {
  readonly sshd: Sshd
  /** Pulls the plug: everything on it ends at once. */
  powerOff(): Promise<void>
  /** Comes up again, on the same port with the same disk. */
  powerOn(): Promise<void>
  stop(): Promise<void>
}

/** @param setUp sh lines that are run on the machine before sshd: mounts, above all */
export const startMachine = async (options: SshdOptions = {}, setUp = ''): Promise<Machine> => {
  const dir = await mkdtemp(join(tmpdir(), 'chap-t-machine-'))
  const bootId = join(dir, 'boot_id')
  const newBoot = (): Promise<void> => writeFile(bootId, `${randomUUID()}\n`)
  await newBoot()
  const boot = `set -e; mount --bind '${bootId}' /proc/sys/kernel/random/boot_id; ${setUp}\nexec "$@"`
  const namespaces = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child']
  // sshd is the namespace's init: its end is the end of everything there.
  const sshd = await startSshd({ ...options, prefix: [needProgram('unshare'), ...namespaces, 'sh', '-c', boot, 'sh'] })
  const powerOff = async (): Promise<void> => {
    const all = findByEnvironment(rigVariable, sshd.dir)
    await sshd.stopListening()
    await waitUntilGone(all, 10_000)
  }
  return {
    sshd,
    powerOff,
    powerOn: async () => {
      await newBoot()
      await sshd.restart()
    },
    stop: async () => {
      await sshd.stop()
      await rm(dir, { recursive: true })
    },
  }
}
