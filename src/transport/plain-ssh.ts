/** `--plain` over OpenSSH: the program alone at the other end, and ssh's own words in a file apart from the program's stderr. */
import { closeSync, constants, openSync, readFileSync, rmSync } from 'node:fs'
import type { PlainOptions } from './plain-link.ts'
import { directArgv, type SshTarget } from './ssh-argv.ts'
import { readSshWords } from './ssh-words.ts'
import { type Connecting, startConnecting } from './start-connecting.ts'
import { explainNoStart } from './start-ssh.ts'

/** Milliseconds between looks for the word that ssh was let in. ssh closes all descriptors but three, so a file it must be. */
const LOOK_MS = 20

export const plainOptions = (
  target: SshTarget,
  options: Pick<PlainOptions, 'spec' | 'files' | 'now'>,
  onWords: (line: string) => void,
): PlainOptions => {
  const wordsFile = `${options.files.stdout}.ssh`
  let words: readonly string[] = []
  let started: Connecting | undefined
  const readWords = (): void => {
    const lines = readFileSync(wordsFile, 'utf8').split('\n').slice(0, -1)
    for (const line of lines.slice(words.length)) onWords(line)
    words = lines
  }
  return {
    ...options,
    deadline: target.connectTimeout * 1000,
    explain: (status) =>
      status instanceof Error ? explainNoStart(status) : (started?.wrong() ?? readSshWords(words, 'lost')),
    run: (command, files, hasStdin) => {
      closeSync(openSync(wordsFile, 'w', 0o600))
      started = startProgram(target, ['-E', wordsFile, ...directArgv(target, command)], files, hasStdin)
      const { child } = started
      const exited = child.exited.then((status) => {
        readWords()
        rmSync(wordsFile)
        return status
      })
      let timer: NodeJS.Timeout | undefined
      const authenticated = new Promise<void>((resolve) => {
        timer = setInterval(() => {
          readWords()
          if (words.some((line) => line.startsWith('Authenticated to '))) resolve()
        }, LOOK_MS)
      })
      void Promise.race([authenticated, exited]).then(() => clearInterval(timer))
      return { child: { ...child, exited }, authenticated }
    },
  }
}

const startProgram = (
  target: SshTarget,
  args: readonly string[],
  files: PlainOptions['files'],
  hasStdin: boolean,
): Connecting => {
  const append = constants.O_WRONLY | constants.O_APPEND
  const fds = [
    openSync(hasStdin ? files.stdin : '/dev/null', 'r'),
    openSync(files.stdout, append),
    openSync(files.stderr, append),
  ] as const
  const started = startConnecting(target, args, fds)
  for (const fd of fds) closeSync(fd)
  return started
}
