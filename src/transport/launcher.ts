/** The launcher's text, and the command line that takes it from stdin. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const launcherPath = fileURLToPath(new URL('./launcher.sh', import.meta.url))

/** What sh runs where the launcher's file is at hand, as its first argument. */
export const READ_LAUNCHER = 'chap=$(cat "$1"); eval "$chap"; chap_control'

/** Comments and indentation stay at home: sh reads the text byte by byte at the other end. */
export const launcherText = (): string =>
  readFileSync(launcherPath, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')

/**
 * What sh runs to take a text of so many bytes from its stdin, and go on as the control session. Passes every login shell as
 * `sh -c '...'`: no quote, no backslash, no exclamation mark. A text that was cut doesn't parse.
 */
export const takeLauncher = (bytes: number): string =>
  `chap=$(dd bs=1 count=${bytes} 2>/dev/null); eval "$chap"; chap_control`
