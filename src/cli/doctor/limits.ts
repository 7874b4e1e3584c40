/** What the kernel lets this user have, against what is in use. */
import { readdirSync, readFileSync, readlinkSync, statSync, watch } from 'node:fs'
import { type Finding, ok, skip, warn } from './step.ts'

/** Chaperones take about ten descriptors each, watchers as many again. */
const FEW_DESCRIPTORS = 256
/** Of what there is: beyond, the next few may find none. */
const NEARLY_ALL = 0.9

/** undefined: it is not there (any more), or may not be looked at. */
const look = <T>(at: () => T): T | undefined => {
  try {
    return at()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return undefined
  }
}

const read = (path: string): string => look(() => readFileSync(path, 'utf8').trim()) ?? ''

/** @param place a directory to watch for a moment */
export const examineInotify = (place: string): Finding => {
  const limitOf = (what: string): number => Number(read(`/proc/sys/fs/inotify/max_user_${what}`) || Number.NaN)
  const limits = { instances: limitOf('instances'), watches: limitOf('watches') }
  const used = countInotify(process.geteuid?.() ?? -1)
  const evidence = Number.isNaN(limits.instances + limits.watches)
    ? 'no limits are known here'
    : `in use: ${used.instances} of ${limits.instances} instances, ${used.watches} of ${limits.watches} watches`
  const refusal = tryToWatch(place)
  if (refusal !== null) return warn(`${refusal}; ${evidence}`, { code: 'no_inotify' })
  const isLow = used.instances > limits.instances * NEARLY_ALL || used.watches > limits.watches * NEARLY_ALL
  return isLow ? warn(evidence, { code: 'no_inotify' }) : ok(evidence)
}

const tryToWatch = (place: string): string | null => {
  try {
    watch(place, { persistent: false }).close()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** Of all processes of a user that can be looked at. */
export const countInotify = (uid: number, proc = '/proc'): { readonly instances: number; readonly watches: number } => {
  const used = { instances: 0, watches: 0 }
  for (const pid of (look(() => readdirSync(proc)) ?? []).filter((name) => /^\d+$/.test(name))) {
    if (look(() => statSync(`${proc}/${pid}`).uid) !== uid) continue
    for (const fd of look(() => readdirSync(`${proc}/${pid}/fd`)) ?? []) {
      if (look(() => readlinkSync(`${proc}/${pid}/fd/${fd}`)) !== 'anon_inode:inotify') continue
      used.instances += 1
      used.watches += read(`${proc}/${pid}/fdinfo/${fd}`).match(/^inotify /gm)?.length ?? 0
    }
  }
  return used
}

export const examineDescriptors = (): Finding => {
  // Node raises its own soft limit to the hard one; the hard one is what there is.
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(read('/proc/self/limits')) ?? []
  if (hard === undefined) return skip('there is no /proc')
  const [used = Number.NaN, , most = Number.NaN] = read('/proc/sys/fs/file-nr').split(/\s+/).map(Number)
  const isLow = Number(hard) < FEW_DESCRIPTORS || used > most * NEARLY_ALL
  const evidence = `at most ${hard} for each process${used > most * NEARLY_ALL ? `; in use: ${used} of all ${most}` : ''}`
  return isLow ? warn(evidence, { code: 'few_descriptors' }) : ok(evidence)
}
