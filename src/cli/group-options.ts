/** The options of start and run that make a group of jobs, and those by which other commands choose jobs. */
import { type Command, InvalidArgumentError } from 'commander'
import { usage } from '../index.ts'
import { collect, collectLabels, readCount } from './options.ts'
import type { Problem } from './problem.ts'

export interface GroupOptions {
  readonly host?: readonly string[]
  readonly hostsFile?: string
  readonly maxParallel?: number
  readonly failFast?: boolean
  readonly retryFailed?: string
}

const readLimit = (text: string): number => {
  const count = readCount(text)
  if (count < 1) throw new InvalidArgumentError('Expected a number of jobs, at least 1.')
  return count
}

export const addGroupOptions = (command: Command): Command =>
  command
    .optionsGroup('Many hosts:')
    .option('--host <set>', 'a job on each of these hosts: web[01-40],db1 (repeatable)', collect)
    .option('--hosts-file <file>', 'a job on each host of a file, one node set a line; -: what chap reads')
    .option('--max-parallel <count>', 'of the jobs so many at once; the others wait for their turns', readLimit)
    .option('--fail-fast', 'end the other jobs when one has failed')

/** Is a group asked for? */
export const isGroup = ({ host, hostsFile, retryFailed }: GroupOptions): boolean =>
  host !== undefined || hostsFile !== undefined || retryFailed !== undefined

/** What makes sense for a group only; undefined: nothing of it was said. */
export const refuseAlone = ({ maxParallel, failFast }: GroupOptions): Problem | undefined =>
  maxParallel === undefined && failFast === undefined
    ? undefined
    : usage('--max-parallel and --fail-fast are for a group', "give its hosts: --host 'web[01-40]'")

/** For the help of start and run. */
export const ABOUT_GROUPS = `
Many hosts: web[01-40],db[1,3]!db3 is a node set, as ClusterShell has it (, ! & ^ are and, but not, both, either; a[0-10/2]
counts by twos); @NAME is one of [clusters] in the config file. Each host gets a job of its own, all together a group,
whose id other commands take for all of them. A job sees CHAP_GROUP, CHAP_HOST and CHAP_INDEX; {host} and {index} in
--name are filled in.`

export const addSelection = (command: Command, all: string): Command =>
  command
    .option('--group <group>', 'the jobs of a group (repeatable)', collect)
    .option('-l, --label <key=value>', 'the jobs with this label (repeatable)', collectLabels)
    .option('-a, --all', all)
