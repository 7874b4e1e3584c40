/** Where the texts go: files of the user's own for systemd and launchd, a line of the crontab for cron. Each touches only what is chap's. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeRecord } from '../../index.ts'
import type { Context } from '../context.ts'
import { runProgram } from '../doctor/programs.ts'
import type { Problem } from '../problem.ts'
import { installLine, readLine, removeLine } from './crontab.ts'
import { type Kind, LAUNCHD_LABEL, MARK } from './task.ts'

export interface Starter {
  readonly kind: Kind
  /** For people: a file, or `crontab`. */
  readonly place: string
  /** What is there of chap's; null: nothing. */
  readonly read: () => Promise<string | null | Problem>
  readonly install: (text: string) => Promise<Problem | undefined>
  /** Nothing there is no problem. */
  readonly remove: () => Promise<Problem | undefined>
}

export const starterOf = (kind: Kind, context: Pick<Context, 'env'>): Starter => {
  const { HOME = '/', XDG_CONFIG_HOME = '' } = context.env
  switch (kind) {
    case 'systemd': {
      const units = join(XDG_CONFIG_HOME === '' ? join(HOME, '.config') : XDG_CONFIG_HOME, 'systemd', 'user')
      return fileStarter(kind, join(units, UNIT), join(units, 'default.target.wants', UNIT))
    }
    case 'launchd':
      return fileStarter(kind, join(HOME, 'Library', 'LaunchAgents', `${LAUNCHD_LABEL}.plist`), null)
    case 'cron':
      return { kind, place: 'crontab', read: readLine, install: installLine, remove: removeLine }
  }
}

const UNIT = 'chap-recover.service'

/** @param link as `systemctl --user enable` makes it, which needs a bus to talk to: over ssh there may be none */
const fileStarter = (kind: Kind, path: string, link: string | null): Starter => {
  const read = (): string | null | Problem => {
    if (!existsSync(path)) return null
    const text = readFileSync(path, 'utf8')
    if (text.includes(MARK)) return link === null || existsSync(link) ? text : null
    return { code: 'autostart', message: `${path} is there, and not chap's`, hint: 'move it away first' }
  }
  const tell = async (): Promise<void> => {
    // It reads its files at the next start in any case.
    if (kind === 'systemd') await runProgram('systemctl', ['--user', 'daemon-reload'])
  }
  return {
    kind,
    place: path,
    read: async () => read(),
    install: async (text) => {
      const before = read()
      if (before !== null && typeof before !== 'string') return before
      mkdirSync(dirname(path), { recursive: true })
      writeRecord(path, text, null, 0o644)
      if (link !== null) {
        mkdirSync(dirname(link), { recursive: true })
        rmSync(link, { force: true })
        symlinkSync(path, link)
      }
      await tell()
      return undefined
    },
    remove: async () => {
      const before = read()
      if (before !== null && typeof before !== 'string') return before
      if (!existsSync(path)) return undefined
      if (link !== null) rmSync(link, { force: true })
      rmSync(path)
      await tell()
      return undefined
    },
  }
}
