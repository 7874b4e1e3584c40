// A gigabyte from there to here over a network of 1 Gbit/s: what a person sees whose machines are two, and whose network is slower than ssh.
import { layCable } from '../rig/cable.ts'
import { startSshd } from '../rig/sshd.ts'
import { alternate, cpuRow } from './alternate.ts'
import { inMemory } from './in-memory.ts'
import { type Result, speedOf } from './row.ts'
import { makeSource } from './source.ts'
import { byJob, type Figure, plain } from './transfer.ts'
import type { Bench, Work } from './work.ts'

const RIVAL = 'ssh host cat > file'

const measure = async (bench: Bench): Promise<Result> => {
  const { spool, there, size } = bench
  const bytes = size(1_000_000_000, 100_000_000)
  const source = `${spool.root}/source`
  await makeSource(source, bytes)
  const cable = layCable()
  try {
    cable.narrow('1gbit')
    const sshd = await inMemory(true, () =>
      startSshd({
        // It sees another /sys there, so it is counted before.
        prefix: [...(there?.enter([]) ?? []), ...cable.prefix],
        config: [`ListenAddress ${cable.address}`],
        clientConfig: [`HostName ${cable.address}`],
      }),
    )
    try {
      const behind = { ...bench, sshd }
      const taken = await alternate<Figure>(bench, 'at 1 Gbit/s', {
        [RIVAL]: plain(behind, source),
        chap: byJob(behind, source, 'keep'),
      })
      const row = {
        work: `${bytes / 1e9} GB of output into a file, over ssh at 1 Gbit/s`,
        unit: 's',
        chap: taken.of('chap', 's'),
        rivals: taken.rivals('s'),
        verdict: speedOf(taken.of('chap', 's'), taken.of(RIVAL, 's'), 0.97, RIVAL),
      } as const
      return { rows: [row, cpuRow(taken, 'chap also compares checksums of both sides')] }
    } finally {
      await sshd.stop()
    }
  } finally {
    cable.remove()
  }
}

export const gigabit: Work = { name: 'gigabit', limit: 240, isInMemory: true, measure }
