/** chap rerun: the commands of jobs once more, each in a new job. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  type Begun,
  chooseOne,
  putToWork,
  type Redraft,
  readEnvironment,
  redraft,
  type StartedJob,
} from '../../index.ts'
import { documentOfBegun, explainBegun, statusOfBegun } from '../begun-words.ts'
import { readTokenOption } from '../callback-options.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { warnOfLowDisk } from '../low-disk.ts'
import { collect, readDuration } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson, say, sayProblem } from '../say.ts'
import { asker } from '../secrets.ts'

interface Options extends CommonOptions {
  readonly env?: readonly string[]
  readonly callbackTokenFile?: string
  readonly idFile?: string
  readonly quiet?: boolean
  readonly wait: boolean
  readonly waitStarted?: number
}

const HELP = `
All is as it was asked: host, command, options, the stdin that was read at the
start. The new job says whose command it is (rerun_of). One of a group is a
single job then; chap start --retry-failed starts a group's failed jobs again.
Values of --env are not kept when a job has ended: give them again. One with a
--callback needs {id} in its URL: the receiver would take it for the first.

Examples:
  chap rerun last
  chap rerun k3f9 x7qd
  chap rerun --env TOKEN k3f9            TOKEN as it is here, now`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('<job...>', 'ids, beginnings of ids, names, or last')
    .option('-e, --env <name[=value]>', 'set in the job; without a value: as it is here (repeatable)', collect)
    .option('--callback-token-file <file>', 'its first line says at the callback who is calling; no token is kept')
    .option('--id-file <file>', 'write the ids there as well')
    .option('--no-wait', 'return once the jobs are recorded')
    .option('--wait-started <duration>', 'wait no longer than this until it is certain that they began', readDuration)
    .option('-q, --quiet', 'say nothing more than needed')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => rerun(invocation, names, options)),
    )
}

const rerun = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  await warnOfLowDisk(context, options)
  const drafts = draftAll(context, names, options)
  if (isProblem(drafts)) return drafts
  const { json = false } = options
  const statuses: number[] = []
  const ids: string[] = []
  const documents: object[] = []
  for (const { draft, stdin } of drafts) {
    const job = await putToWork(context, draft, stdin, { askSecret: asker(context, draft.host) })
    if (!isProblem(job)) {
      ids.push(job.spec.id)
      if (options.idFile !== undefined) writeFileSync(options.idFile, ids.map((id) => `${id}\n`).join(''))
    }
    const begun = isProblem(job) ? job : await tellBegun(context, job, options)
    if (isProblem(begun)) statuses.push(await sayProblem(context, begun, json))
    else {
      statuses.push(begun.status)
      documents.push(begun.document)
    }
  }
  if (json && documents.length > 0) await printJson(context, names.length === 1 ? documents[0] : documents)
  return Math.max(0, ...statuses)
}

/** One that is wrong is a problem before anything is started. */
const draftAll = (context: Context, names: readonly string[], options: Options): readonly Redraft[] | Problem => {
  const env = readEnvironment(context, options.env ?? [])
  if (isProblem(env)) return env
  const token = readTokenOption(context, options)
  if (isProblem(token)) return token
  const drafts: Redraft[] = []
  for (const name of names) {
    const view = chooseOne(context, name)
    if (isProblem(view)) return view
    const again = redraft(context, view, { env, ...token })
    if (isProblem(again)) return again
    drafts.push(again)
  }
  return drafts
}

/** The id first: whatever is said about the job, its name is known. */
const tellBegun = async (
  context: Context,
  { spec, begun: untilBegun }: StartedJob,
  { json = false, quiet = false, wait, waitStarted }: Options,
): Promise<{ readonly status: number; readonly document: object } | Problem> => {
  const { id, rerunOf, stdinOpen } = spec
  if (!json) await context.stdout.write(`${id}\n`)
  if (stdinOpen && !quiet && !json)
    await say(context, `the stdin of ${id} is open, and nothing is in it yet`, `chap send ${id} ...`)
  const begun: Begun = wait ? await untilBegun(waitStarted) : { kind: 'pending', fault: null }
  if (begun.kind === 'failed') return { code: 'unattended', id, evidence: begun.evidence }
  if (!json) await explainBegun(context, spec, begun, { quiet })
  return { status: statusOfBegun(begun), document: { ...documentOfBegun(id, begun), rerun_of: rerunOf } }
}
