/** chap's command line. What puts a job to work starts the job's chaperone before it reads another word: two nodes get up side by side. */

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

const DEFECT = 125

// Should nothing be left to wait for before `main` says how it went.
process.exitCode = DEFECT
// At once: a write that nobody takes, or a chaperone just started, must not hold up the end.
main(process.argv.slice(2)).then(process.exit, (error: unknown) => {
  process.stderr.write(`chap: a defect of chap's own: ${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(DEFECT)
})

export {}
