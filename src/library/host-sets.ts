/** The hosts of a group: node sets, lists, and files of them. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expandNodes, MOST_NODES } from '../domain/expand-nodes.ts'
import { type Problem, usage } from './problem.ts'
import type { Surroundings } from './surroundings.ts'

/** Where a group's jobs run: `hosts`, `hostsFile`, or both. */
export interface Hosts {
  /** A node set, such as `web[01-40],db1!web13` or `@web`; or a list of hosts, each as `Command.host`. Each gets one job. */
  readonly hosts?: string | readonly string[]
  /** A file with a node set on each line; what is behind # is for people. */
  readonly hostsFile?: string
  /** What `@NAME` in a node set stands for: a node set. The command line takes them from `[clusters]` of its config file. */
  readonly clusters?: Readonly<Record<string, string>>
}

/** Each once, in the order given. @throws ErrnoException when the file can't be read */
export const readHosts = (
  { cwd }: Pick<Surroundings, 'cwd'>,
  { hosts = [], hostsFile, clusters = {} }: Hosts,
): readonly string[] | Problem => {
  const file = hostsFile === undefined ? [] : listHostSets(readFileSync(resolve(cwd(), hostsFile), 'utf8'))
  const names = new Set(typeof hosts === 'string' ? [] : hosts)
  for (const { set } of typeof hosts === 'string' ? [{ set: hosts }, ...file] : file) {
    const expanded = expandNodes(set, new Map(Object.entries(clusters)))
    if (!expanded.ok) return { code: 'node_set', fault: expanded.fault }
    for (const name of expanded.names) names.add(name)
  }
  if (names.size > MOST_NODES) return usage(`there are more than ${MOST_NODES} hosts`)
  return names.size > 0 ? [...names] : usage('there are no hosts in what was given')
}

/** One node set a line. */
export const listHostSets = (text: string): { readonly set: string; readonly line: number }[] =>
  text
    .split('\n')
    .map((line, index) => ({ set: line.replace(/(^|\s)#.*/, '').trim(), line: index + 1 }))
    .filter(({ set }) => set !== '')
