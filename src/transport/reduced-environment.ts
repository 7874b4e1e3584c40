/** The sh text that has a command begin without a part of the environment that its machine gives. */
import type { Spec } from '../domain/spec.ts'
import { quoteWord } from './quote.ts'

/**
 * awk lists the names, since a value may look like a line with a name. env(1) takes them off, with what sh can't (functions that bash exports,
 * what is read-only in a shell); only names are in its argv. The last sh finds the command by the PATH that there was, and adds what it
 * always sets: PWD, with some shells SHLVL and a few more.
 */
const LIST_NAMES = `chap_x=$(LC_ALL=C awk 'BEGIN {
  for (i = 2; i < ARGC; i++) given[ARGV[i]]
  for (name in ENVIRON) {
    if (ARGV[1] == "keep" ? name in given : !(name in given)) continue
    gsub(/\\047/, "\\047\\\\\\047\\047", name)
    print "set -- \\"$@\\" -u \\047" name "\\047"
  }
}'`

const BEGIN = `set --
eval "$chap_x"
exec env "$@" sh -c 'PATH=$1; shift; exec "$@"' sh "$PATH"`

/**
 * What comes before the command's words, in place of `exec`.
 * @param set what was exported for it, which it gets in any case
 */
export const execReduced = ({ inherit, unset }: Pick<Spec, 'inherit' | 'unset'>, set: readonly string[]): string => {
  if (inherit === true && unset.length === 0) return 'exec'
  const isSet = new Set([...set, 'CHAP_RUN'])
  const isUnset = new Set(unset)
  const words =
    inherit === true
      ? ['drop', ...unset.filter((name) => !isSet.has(name))]
      : ['keep', ...(inherit || []).filter((name) => !isUnset.has(name)), ...isSet]
  return [
    `${LIST_NAMES} ${words.map(quoteWord).join(' ')}) || { echo 'chap: no awk to find what is not to be inherited' >&2; exit 126; }`,
    BEGIN,
  ].join('\n')
}
