/** chap's command line. What puts a job to work starts the job's chaperone before it reads another word: two nodes get up side by side. */

import { endWith } from './end.ts'

/** Commands whose words after `--` are somebody else's. */
const TAKES_PROGRAM = new Set(['start', 'run'])

const main = async (args: readonly string[]): Promise<number> => {
  const chosen = args.find((word) => !word.startsWith('-')) ?? ''
  const takesProgram = TAKES_PROGRAM.has(chosen)
  const dashes = takesProgram ? args.indexOf('--') : -1
  const [own, program] = dashes < 0 ? [args, null] : [args.slice(0, dashes), args.slice(dashes + 1)]
  const giveJob = takesProgram && !own.includes('--dry-run') ? await startAhead() : undefined
  const { runCommand } = await import('./run-command.ts')
  return runCommand(own, program, chosen, giveJob)
}

/** Only where one is needed: `ls` shall not load what starts it. */
const startAhead = async () => {
  const { spawnChaperone } = await import('../index.ts')
  return spawnChaperone()
}

endWith(main(process.argv.slice(2)))
