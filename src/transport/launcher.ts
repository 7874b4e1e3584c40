/** The launcher's text, and the command line that takes it from stdin. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What sh runs to take the launcher from its descriptor 3. */
export const READ_LAUNCHER = 'chap=$(cat <&3); exec 3<&-; eval "$chap"; chap_control'

/** Comments and indentation stay at home: what is below 32 KiB comes over ssh in one piece. In code no # stands behind a blank. */
export const stripScript = (script: string): string =>
  script
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim())
    .filter((line) => line !== '')
    .join('\n')

/** Read once: a chaperone lives for weeks, and chap may be upgraded under it; a launcher of another version would not understand it. */
const text = stripScript(readFileSync(fileURLToPath(new URL('./launcher.sh', import.meta.url)), 'utf8'))

export const launcherText = (): string => text

/**
 * What sh runs to take a text of so many bytes from its stdin, and go on as the control session. It takes as much as there is, and never more:
 * byte by byte costs forty times as much. Passes every login shell as `sh -c '...'`: no quote, no backslash, no exclamation mark.
 * A text that was cut doesn't parse, or lacks what would begin something.
 * @param bytes of a text in ASCII: a shell may count characters
 */
export const takeLauncher = (bytes: number): string =>
  `chap= n=${bytes}; while [ $n -gt 0 ]; do x=$(dd bs=$n count=1 2>/dev/null; echo .); case $x in .) exit;; esac; ` +
  `x=\${x%.}; chap=$chap$x n=$((n - \${#x})); done; eval "$chap"; chap_control`

/** What sh runs as a control session whose stdin begins with the launcher. */
export const controlScript = (): string => takeLauncher(Buffer.byteLength(text))
