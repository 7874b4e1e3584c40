/** Which of the three this machine has. */
import { existsSync } from 'node:fs'
import type { Context } from '../context.ts'
import { runProgram } from '../doctor/programs.ts'
import { isProblem, type Problem } from '../problem.ts'
import { type Starter, starterOf } from './starter.ts'
import { isTextOf, KINDS, type Kind, type Task } from './task.ts'

/** systemd says so by this directory: sd_booted(3). */
const SYSTEMD = '/run/systemd/system'

/** @param wish the user's own */
export const chooseKind = (
  { env }: Pick<Context, 'env'>,
  wish: Kind | undefined,
  platform: NodeJS.Platform = process.platform,
): Kind | Problem => {
  if (wish !== undefined) return wish
  if (platform === 'darwin') return 'launchd'
  if (existsSync(SYSTEMD)) return 'systemd'
  if (hasProgram(env['PATH'], 'crontab')) return 'cron'
  return {
    code: 'autostart',
    message: 'neither systemd nor cron is here to start anything',
    hint: 'have chap recover --all run when this machine starts',
  }
}

const hasProgram = (path: string | undefined, name: string): boolean =>
  (path ?? '').split(':').some((dir) => dir.startsWith('/') && existsSync(`${dir}/${name}`))

export interface Installed {
  readonly starter: Starter
  /** Its text is not what `enable` would write now: node or chap moved, or it is for another spool. */
  readonly isStale: boolean
}

/** null: there is none. What can't be read counts only for who changes it. */
export const findInstalled = async (context: Pick<Context, 'env'>, task: Task): Promise<Installed | null> => {
  for (const starter of startersHere(context)) {
    const text = await starter.read()
    if (text !== null && !isProblem(text)) return { starter, isStale: !isTextOf(starter.kind, task, text) }
  }
  return null
}

/** Where chap may have put something. */
export const startersHere = (context: Pick<Context, 'env'>): readonly Starter[] =>
  KINDS.filter((kind) => kind !== 'cron' || hasProgram(context.env['PATH'], 'crontab')).map((kind) =>
    starterOf(kind, context),
  )

/** Does systemd start this user's units at boot, and not only at a login? null: nobody says. */
export const lingers = async (user: string): Promise<boolean | null> => {
  const { status, stdout } = await runProgram('loginctl', ['show-user', user, '--property=Linger', '--value'])
  return status === 0 ? stdout.trim() === 'yes' : null
}
