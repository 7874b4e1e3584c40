/** Commands that run another command somewhere else, or as somebody else: how several of them become one. Pure. */
import type { Hop } from '../domain/spec.ts'
import { quoteWord, runBySh } from './quote.ts'

export type Argv = readonly [string, ...string[]]

/** The argv that runs `argv` at the end of the hops, its words unchanged, whatever shells read them on the way. */
export const composeHops = (hops: readonly Hop[], argv: Argv): Argv =>
  hops.reduceRight<Argv>((rest, hop) => [...hop.argv, ...(hop.words === 'argv' ? rest : [commandLine(rest)])], argv)

/** Words as one line, which any login shell reads exactly. */
export const commandLine = ([program, ...args]: Argv): string => {
  const [flag, script, ...others] = args
  if (program === 'sh' && flag === '-c' && script !== undefined && others.length === 0) return runBySh(script)
  // exec(1) would take it for an option
  const words = program.startsWith('-') ? ['env', '--', program, ...args] : [program, ...args]
  return runBySh(`exec ${words.map(quoteWord).join(' ')}`)
}

/** Of these any shell makes the same within single quotes. */
const PLAIN_SCRIPT = /^[^'\\!\n]*$/

/** A line that runs `script` by sh at the end of the hops. Where nothing has to be quoted it is as a person would write it. */
export const shLine = (hops: readonly Hop[], script: string): string =>
  hops.length === 0 && PLAIN_SCRIPT.test(script)
    ? `sh -c '${script}'`
    : commandLine(composeHops(hops, ['sh', '-c', script]))
