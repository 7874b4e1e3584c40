/** The hosts of a group, from node sets on the command line and in files. */
import { type Clusters, expandNodes, listHostSets, MOST_NODES, usage } from '../index.ts'
import type { Context } from './context.ts'
import type { GroupOptions } from './group-options.ts'
import { wordsOfNodeSetFault } from './node-set-words.ts'
import type { Problem } from './problem.ts'
import { safeText } from './safe-text.ts'

/** Each once, in the order given. */
export const readHosts = (
  context: Context,
  { host: sets = [], hostsFile }: GroupOptions,
  clusters: Clusters,
): readonly string[] | Problem => {
  const texts = sets.map((text) => ({ text, from: '--host' }))
  if (hostsFile !== undefined) texts.push(...readHostsFile(context, hostsFile))
  const hosts = new Set<string>()
  for (const { text, from } of texts) {
    const expanded = expandNodes(text, clusters)
    if (!expanded.ok) {
      const { message, hint } = wordsOfNodeSetFault(expanded.fault)
      return usage(`${from}: ${message}`, hint ?? undefined)
    }
    for (const name of expanded.names) hosts.add(name)
  }
  if (hosts.size > MOST_NODES) return usage(`there are more than ${MOST_NODES} hosts`)
  return hosts.size > 0 ? [...hosts] : usage('there are no hosts in what was given', 'see --host and --hosts-file')
}

const readHostsFile = (context: Context, path: string): { text: string; from: string }[] =>
  listHostSets(context.readInput(path).toString('utf8')).map(({ set, line }) => ({
    text: set,
    from: `${safeText(path)}:${line}`,
  }))
