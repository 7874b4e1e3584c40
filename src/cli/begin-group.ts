/** What start and run do alike for a group: read what was asked for each host, and put all of them to work. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  type Draft,
  foldNodes,
  type GroupDraft,
  openSpool,
  readSecret,
  type StartedGroup,
  startGroup,
  usage,
} from '../index.ts'
import { readJobWith } from './begin.ts'
import type { Context } from './context.ts'
import type { GroupAsked, GroupOptions } from './group-options.ts'
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
): Promise<GroupAsked | Problem> => {
  const options = command.opts<Options>()
  const { maxParallel = null, failFast = false, retryFailed, stdin, dryRun = false, hostsFile } = options
  if (dryRun) return usage('--dry-run shows one host', 'chap start --dry-run HOST -- command')
  if (host !== undefined)
    return usage('a host before --, and a group of them, are two ways to say where', 'put it into --host, too')
  if (retryFailed !== undefined) return readRetry(invocation, retryFailed, command)
  if (stdin === '-' && hostsFile === '-') return usage('--stdin - and --hosts-file - both take what chap reads')
  const drafts = await readDrafts(invocation, command, options)
  if (isProblem(drafts)) return drafts
  const input = stdin === undefined ? null : invocation.context.readInput(stdin)
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
    const { name } = asked.draft
    drafts.push({ ...asked.draft, name: name?.replaceAll('{host}', host).replaceAll('{index}', String(index)) ?? null })
  }
  return drafts
}

export const beginGroup = async (
  { context, giveJob }: Invocation,
  { drafts, options }: GroupAsked,
  idFile: string | undefined,
): Promise<StartedGroup | Problem> => {
  const secrets = await readSecrets(
    context,
    drafts.map(({ draft }) => draft),
    options.maxParallel !== null,
  )
  if (isProblem(secrets)) return secrets
  const fault = openSpool(context.spool)
  if (fault !== undefined) return { code: 'spool', fault }
  const jobs = drafts.map(({ draft, stdin }): GroupDraft => ({ job: draft, stdin, secret: secrets(draft) }))
  const group = await startGroup(context.spool, jobs, options, giveJob)
  if (idFile !== undefined) writeFileSync(idFile, `${group.id}\n`)
  return group
}

/** Each source is read once: one that is typed is typed once for all of its hosts. */
const readSecrets = async (
  context: Context,
  drafts: readonly Draft[],
  hasTurns: boolean,
): Promise<((draft: Draft) => string | null) | Problem> => {
  const values = new Map<string, string | null>()
  const keyOf = ({ secret }: Draft): string => JSON.stringify(secret)
  const keys = [...new Set(drafts.map(keyOf))]
  // The chaperone of a job that has ended passes its own on to the next.
  if (hasTurns && keys.length > 1)
    return usage(
      'with --max-parallel all hosts have their password from the same place',
      'start a group for each place',
    )
  for (const key of keys) {
    const sharing = drafts.filter((draft) => keyOf(draft) === key)
    const hosts = foldNodes(sharing.flatMap(({ host }) => (host === null ? [] : [host])))
    const read = await readSecret(sharing[0]?.secret ?? { kind: 'none' }, asker(context, hosts === '' ? null : hosts))
    if (!read.ok) return { code: 'secret', id: null, fault: read.fault }
    values.set(key, read.value)
  }
  return (draft) => values.get(keyOf(draft)) ?? null
}
