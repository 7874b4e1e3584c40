/** How chap's process ends. */

const DEFECT = 125

/** With the status that `work` comes to (undefined: another will end it); a defect is said. */
export const endWith = (work: Promise<number | undefined>): void => {
  // Should nothing be left to wait for before `work` says how it went. Not set before: commander's help takes it for its own.
  const lost = (): void => {
    process.exitCode = DEFECT
  }
  process.once('beforeExit', lost)
  const end = (status: number | undefined): void => {
    process.off('beforeExit', lost)
    // At once: a write that nobody takes, or a chaperone just started, must not hold up the end.
    if (status !== undefined) process.exit(status)
  }
  work.then(end, (error: unknown) => {
    process.stderr.write(`chap: a defect of chap's own: ${error instanceof Error ? error.stack : String(error)}\n`)
    end(DEFECT)
  })
}
