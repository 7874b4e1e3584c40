/** Starts groups: a command on many hosts, a job on each. */
import { foldNodes } from '../domain/node-set.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { GroupPlace } from '../domain/spec.ts'
import { openSpool } from '../spool/guard.ts'
import { readSecret } from '../watcher/read-secret.ts'
import type { GiveJob } from '../watcher/spawn-chaperone.ts'
import { type BegunInGroup, type StartedGroup as PutGroup, startGroup as putGroup } from '../watcher/start-group.ts'
import type { Command } from './command.ts'
import type { Draft } from './draft.ts'
import { type Hosts, readHosts } from './host-sets.ts'
import { attempt, isProblem, type Problem, problemOfSystem, usage } from './problem.ts'
import { draftCommand, readStdin, type Started, type StartOptions } from './start.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'
import { withoutUnset } from './without-unset.ts'

/** A command for many hosts. `{host}` and `{index}` in its `name` are filled in; a job sees CHAP_GROUP, CHAP_HOST and CHAP_INDEX. */
export interface Group extends Omit<Command, 'host' | 'id'>, Hosts {
  /** So many of its jobs at once; the others wait for their turns, whether or not a program waits for them. */
  readonly maxParallel?: number
  /** When one has failed, the others are ended. */
  readonly failFast?: boolean
}

export interface StartedGroup {
  /** `list({ group })` finds its jobs by it, in any program. */
  readonly id: string
  /** In the order of the hosts. One whose turn has not come, or of which nothing is certain yet, has the state null. */
  readonly jobs: readonly Started[]
  /** unattended: of jobs that nobody took up; `recover` may. system: there are fewer jobs than hosts. */
  readonly problems: readonly Problem[]
}

/** null: all at once. */
export const checkMaxParallel = (maxParallel: number | null): Problem | undefined =>
  maxParallel === null || (Number.isInteger(maxParallel) && maxParallel >= 1)
    ? undefined
    : usage('--max-parallel takes a whole number, 1 or more')

/**
 * Starts a job on each host, and returns when it is certain how those began that may run at once. `wait`, `attach` and `kill` take its jobs.
 * @returns usage, node_set, spool, secret, system: there is no group, and no job
 */
export const startGroup = (group: Group, options: StartOptions = {}): Promise<StartedGroup | Problem> =>
  attempt<StartedGroup | Problem>(async () => {
    const around = surroundingsOf(options)
    const { hosts: named, hostsFile, clusters, maxParallel = null, failFast = false, ...command } = group
    const wrong = checkMaxParallel(maxParallel)
    if (wrong !== undefined) return wrong
    const hosts = readHosts(around, withoutUnset({ hosts: named, hostsFile, clusters }))
    if (isProblem(hosts)) return hosts
    const drafts: Draft[] = []
    for (const [index, host] of hosts.entries()) {
      const draft = draftCommand(around, { ...command, host })
      if (isProblem(draft)) return draft
      drafts.push(nameInGroup(draft, host, index))
    }
    const stdin = readStdin(around, command)
    const put = await putGroupToWork(
      around,
      drafts.map((draft) => ({ draft, stdin })),
      { maxParallel, failFast, retryOf: null },
      { askerFor: () => options.askSecret },
    )
    return isProblem(put) ? put : concludeStart(put, await put.begun(options.waitStarted))
  })

export const nameInGroup = (draft: Draft, host: string, index: number): Draft => ({
  ...draft,
  name: draft.name?.replaceAll('{host}', host).replaceAll('{index}', String(index)) ?? null,
})

export const concludeStart = ({ id, jobs, error }: PutGroup, begun: readonly BegunInGroup[]): StartedGroup => ({
  id,
  jobs: jobs.map(({ spec, paths }, index) => {
    const one = begun[index]
    const state = one?.kind === 'certain' ? one.state : null
    return { id: spec.id, paths, spec, state, fault: one?.kind === 'pending' ? one.fault : null }
  }),
  problems: [
    ...begun.flatMap((one, index): Problem[] =>
      one.kind === 'failed' ? [{ code: 'unattended', id: jobs[index]?.spec.id ?? '', evidence: one.evidence }] : [],
    ),
    ...(error === null ? [] : [problemOfSystem(error)]),
  ],
})

/**
 * Puts a drafted group on disk, and gives those of its jobs to chaperones whose turn it is.
 * @param askerFor asks for the password of these hosts, folded; null: of this machine
 * @throws ErrnoException when the group can't be put in the spool: then there is none
 */
export const putGroupToWork = async (
  { spool }: Pick<Surroundings, 'spool'>,
  jobs: readonly { readonly draft: Draft; readonly stdin: Uint8Array | null }[],
  options: Pick<GroupPlace, 'maxParallel' | 'failFast' | 'retryOf'>,
  {
    askerFor,
    giveJob,
  }: { readonly askerFor: (hosts: string | null) => AskSecret | undefined; readonly giveJob?: GiveJob | undefined },
): Promise<PutGroup | Problem> => {
  const drafts = jobs.map(({ draft }) => draft)
  if (drafts.length > 1 && drafts.some(({ callback }) => callback !== null && !callback.url.includes('{id}')))
    return usage('--callback of a group needs {id} in it: its jobs have streams of the same names', 'URL/{id}')
  const secrets = await readSecrets(drafts, options.maxParallel !== null, askerFor)
  if (isProblem(secrets)) return secrets
  const fault = openSpool(spool)
  if (fault !== undefined) return { code: 'spool', fault }
  const members = jobs.map(({ draft, stdin }) => ({ job: draft, stdin, secret: secrets(draft) }))
  return putGroup(spool, members, options, giveJob)
}

/** Each source is read once: one that is typed is typed once for all of its hosts. */
const readSecrets = async (
  drafts: readonly Draft[],
  hasTurns: boolean,
  askerFor: (hosts: string | null) => AskSecret | undefined,
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
    const read = await readSecret(sharing[0]?.secret ?? { kind: 'none' }, askerFor(hosts === '' ? null : hosts))
    if (!read.ok) return { code: 'secret', id: null, fault: read.fault }
    values.set(key, read.value)
  }
  return (draft) => values.get(keyOf(draft)) ?? null
}
