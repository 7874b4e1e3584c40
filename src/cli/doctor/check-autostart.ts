/** Does something bring jobs back when this machine starts? Nothing is wrong without it: jobs wait for their next chaperone. */
import { readdirSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { chooseKind, findInstalled, lingers } from '../autostart/choose.ts'
import { type Starter, starterOf } from '../autostart/starter.ts'
import { taskOf, textOf } from '../autostart/task.ts'
import type { Context } from '../context.ts'
import { isProblem } from '../problem.ts'
import { type Finding, ok, skip, warn } from './step.ts'

export const examineAutostart = async (machine: Pick<Context, 'env' | 'spool'>): Promise<Finding> => {
  const task = taskOf(machine)
  const installed = await findInstalled(machine, task)
  if (installed !== null) {
    const { kind, place } = installed.starter
    return installed.isStale
      ? warn(`${kind} runs another chap recover --all: ${place}`, { code: 'stale_autostart' })
      : examineStarter(installed.starter)
  }
  const evidence = 'jobs wait until somebody asks for them'
  const kind = chooseKind(machine, undefined)
  if (isProblem(kind)) return skip(evidence)
  const { place } = starterOf(kind, machine)
  return { status: 'skip', evidence, complaint: { code: 'no_autostart', text: textOf(kind, task), place } }
}

/** Is it there when the machine starts? */
const examineStarter = async ({ kind, place }: Starter): Promise<Finding> => {
  const evidence = `${kind} runs chap recover --all: ${place}`
  if (kind === 'systemd' && (await lingers(userInfo().username)) === false)
    return { ...ok(`${evidence}, when you log in`), complaint: { code: 'no_linger' } }
  if (kind === 'cron' && process.platform === 'linux' && findCron() === false)
    return warn(`${evidence}; but no cron runs here`, { code: 'no_cron' })
  return ok(evidence)
}

/** undefined: not all processes can be seen, not even the first. */
const findCron = (): boolean | undefined => {
  const names = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid, name: readName(pid) }))
  if (names.some(({ name }) => /cron/.test(name))) return true
  return names.some(({ pid, name }) => pid === '1' && name !== '') ? false : undefined
}

/** Empty: it has ended, or is not to be seen. */
const readName = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return ''
  }
}
