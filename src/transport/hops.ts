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
