/** What start and run do alike for a group: read what was asked for each host, and put all of them to work. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Draft, type GroupDraft, nameInGroup, type PutGroup, putGroupToWork, usage } from '../index.ts'
import { readJobWith } from './begin.ts'
import type { GroupOptions } from './group-options.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { readHosts } from './read-hosts.ts'
import { loadConfig } from './resolve.ts'
import { readRetry } from './retry.ts'
import { asker } from './secrets.ts'
import type { StartOptions } from './start-options.ts'

type Options = StartOptions & GroupOptions

/** What was asked for all hosts; one that is wrong is a problem before anything is started. */
export const readGroupAsked = async (
  invocation: Invocation,
  host: string | undefined,
  command: Command,
): Promise<GroupDraft | Problem> => {
  const options = command.opts<Options>()
  const { maxParallel = null, failFast = false, retryFailed, stdin, dryRun = false, hostsFile } = options
  if (options.id !== undefined) return usage('--id names one job, and a group has several', 'leave it out')
  if (dryRun) return usage('--dry-run shows one host', 'chap start --dry-run HOST -- command')
  if (host !== undefined)
    return usage('a host before --, and a group of them, are two ways to say where', 'put it into --host, too')
  if (retryFailed !== undefined) return readRetry(invocation, retryFailed, command)
  if (stdin === '-' && hostsFile === '-') return usage('--stdin - and --hosts-file - both take what chap reads')
  const drafts = await readDrafts(invocation, command, options)
  if (isProblem(drafts)) return drafts
  const isOpen = drafts.some(({ stdinOpen }) => stdinOpen)
  const input = stdin === undefined ? null : isOpen ? new Uint8Array() : invocation.context.readInput(stdin)
  return {
    drafts: drafts.map((draft) => ({ draft, stdin: input })),
    options: { maxParallel, failFast, retryOf: null },
  }
}

const readDrafts = async (
  invocation: Invocation,
  command: Command,
  options: Options,
): Promise<readonly Draft[] | Problem> => {
  const config = await loadConfig(invocation.context)
  if (isProblem(config)) return config
  const hosts = readHosts(invocation.context, options, config?.clusters ?? new Map())
  if (isProblem(hosts)) return hosts
  const drafts: Draft[] = []
  for (const [index, host] of hosts.entries()) {
    const asked = readJobWith(invocation, config, host, command)
    if (isProblem(asked)) return asked
    drafts.push(nameInGroup(asked.draft, host, index))
  }
  return drafts
}

export const beginGroup = async (
  { context, giveJob }: Invocation,
  { drafts, options }: GroupDraft,
  idFile: string | undefined,
): Promise<PutGroup | Problem> => {
  const askerFor = (hosts: string | null) => asker(context, hosts)
  const group = await putGroupToWork(context, drafts, options, { askerFor, giveJob })
  if (isProblem(group)) return group
  if (idFile !== undefined) writeFileSync(idFile, `${group.id}\n`)
  return group
}
