/** What is run when this machine starts, and how systemd, cron and launchd are told of it. Texts only. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from '../context.ts'

export const KINDS = ['systemd', 'cron', 'launchd'] as const
export type Kind = (typeof KINDS)[number]

export interface Task {
  /** Absolute paths: at that hour there is no shell's PATH. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** In each of the texts: what has it is chap's to replace, and to remove. */
export const MARK = 'made by chap autostart'

/** chap recover --all, by this node and this chap, in this spool. */
export const taskOf = ({ env, spool }: Pick<Context, 'env' | 'spool'>): Task => {
  const { PATH, CHAP_SPOOL, XDG_STATE_HOME, CHAP_CONFIG, XDG_CONFIG_HOME } = env
  const isElsewhere = (CHAP_SPOOL ?? XDG_STATE_HOME ?? '') !== ''
  // A chaperone runs ssh, and perhaps a --password-command: from where they are found now.
  const wanted = {
    PATH: PATH && [...new Set(PATH.split(':'))].join(':'),
    CHAP_SPOOL: isElsewhere ? spool : undefined,
    // At that hour it would be another place.
    CHAP_CONFIG: CHAP_CONFIG && CHAP_CONFIG !== 'none' ? resolve(CHAP_CONFIG) : CHAP_CONFIG,
    XDG_CONFIG_HOME,
  }
  return {
    argv: [process.execPath, fileURLToPath(new URL('../bin/chap.js', import.meta.url)), 'recover', '--all'],
    env: Object.fromEntries(
      Object.entries(wanted).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
    ),
  }
}

export const textOf = (kind: Kind, task: Task): string => TEXTS[kind](task)

/** Does it run that? PATH apart: each shell has another one. */
export const isTextOf = (kind: Kind, task: Task, text: string): boolean => {
  if (task.env['PATH'] === undefined) return text === textOf(kind, task)
  const [before = '', behind = ''] = textOf(kind, { ...task, env: { ...task.env, PATH: ANY } }).split(ANY)
  return text.startsWith(before) && text.endsWith(behind)
}

/** A word that needs no quotes, and is no path. */
const ANY = '--any--'

/** The unit leaves its processes alone when it is over: the chaperones are among them. */
const unitOf = ({ argv, env }: Task): string => `# ${MARK}; chap autostart disable removes it
[Unit]
Description=Bring back the chaperones of chap's jobs

[Service]
Type=oneshot
RemainAfterExit=yes
KillMode=process
${Object.entries(env)
  .map(([name, value]) => `Environment=${quoteUnit(`${name}=${value}`)}\n`)
  .join('')}ExecStart=${argv.map((word) => quoteUnit(word).replaceAll('$', '$$$$')).join(' ')}

[Install]
WantedBy=default.target
`

const quoteUnit = (word: string): string => `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`

/** A line of crontab(5), in which % would be a newline. */
const cronLineOf = ({ argv, env }: Task): string => {
  const words = [...Object.entries(env).map(([name, value]) => `${name}=${quoteShell(value)}`), ...argv.map(quoteShell)]
  return `@reboot ${words.join(' ').replaceAll('%', '\\%')} # ${MARK}\n`
}

const quoteShell = (word: string): string =>
  /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

export const LAUNCHD_LABEL = 'io.github.chap-jobs.recover'

const plistOf = ({ argv, env }: Task): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK}; chap autostart disable removes it -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${argv.map((word) => `    <string>${escapeXml(word)}</string>\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(env)
  .map(([name, value]) => `    <key>${escapeXml(name)}</key>\n    <string>${escapeXml(value)}</string>\n`)
  .join('')}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>AbandonProcessGroup</key>
  <true/>
</dict>
</plist>
`

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const TEXTS: Readonly<Record<Kind, (task: Task) => string>> = {
  systemd: unitOf,
  cron: cronLineOf,
  launchd: plistOf,
}
