/** chap top: the jobs and the output of one of them, on the whole screen. */
import type { Command } from 'commander'
import { checkOwnSpool, findLastLines, type JobView, jobOf, usage } from '../../index.ts'
import { attachJob } from '../attach-job.ts'
import { type ColorWish, hasColor } from '../color.ts'
import type { Context } from '../context.ts'
import { type Invocation, perform } from '../invocation.ts'
import { readFilters } from '../ls/filter.ts'
import { hasGlyphs } from '../ls/state-kind.ts'
import { collect, colorOption } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { say, sayProblem } from '../say.ts'
import { hasKeys, suspend, terminalSize, untilEnter } from '../terminal.ts'
import { newModel } from '../top/model.ts'
import { showTop } from '../top/screen.ts'

interface Options {
  readonly all?: boolean
  readonly filter?: readonly string[]
  readonly color: ColorWish
}

/** As of `ls`. */
const RECENT_MS = 24 * 3_600_000

const HELP = `
Shows what runs, and what ended within a day; below, the output of the chosen job.

Keys: up, down, k, j, g, G choose a job; Enter attaches to it, and Ctrl-C there comes back; x ends it, when you have said
yes; / shows only jobs with the words that follow, or such as state=failed; f lets the output stand still or follow;
PgUp and PgDn scroll it; Ctrl-L paints anew; ? shows all this; q leaves. Jobs go on. What came on stderr is red.

Examples:
  chap top
  chap top -a --filter 'host=gpu*'`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .option('-a, --all', 'also what ended long ago')
    .option('--filter <key=value>', 'only jobs that are so (repeatable); chap ls --help says more', collect)
    .addOption(colorOption())
    .addHelpText('after', HELP)
    .action((options: Options) => perform(invocation, {}, () => top(invocation.context, options)))
}

const top = async (context: Context, options: Options): Promise<number | Problem> => {
  if (!hasKeys())
    return usage('top needs a terminal, for its screen and for keys', 'chap ls --watch, and chap events for programs')
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const isWanted = readFilters(options.filter ?? [])
  if (isProblem(isWanted)) return isWanted
  const painting = {
    hasColor: hasColor(context, context.stdout, options.color),
    hasGlyphs: hasGlyphs(context.env),
  }
  const since = options.all === true ? Number.NEGATIVE_INFINITY : context.now() - RECENT_MS
  const { openPainter } = await import('../top/paint.ts')
  for (let model = newModel(''); ; ) {
    const shown = await showTop(context, openPainter, { since, isWanted, painting }, model)
    const { left } = shown
    model = shown.model
    if (left.kind === 'ended') return left.status
    if (left.kind === 'failed') return left.problem
    if (left.kind === 'suspend') suspend()
    else await attachFromTop(context, left.view)
  }
}

/** Comes back when the person has detached, or has seen how it ended. */
const attachFromTop = async (context: Context, view: JobView): Promise<void> => {
  const { rows } = terminalSize()
  const last = (path: string): number => findLastLines(path, rows)
  await say(context, `${view.id}: the last lines, and what comes; Ctrl-C goes back to top`)
  const interrupt = new AbortController()
  const release = context.onSignal(['SIGINT'], () => interrupt.abort())
  const status = await attachJob(context, jobOf(view), {
    interrupt: interrupt.signal,
    from: { stdout: last(view.paths.stdout), stderr: last(view.paths.stderr) },
    sigProxy: false,
    isJson: false,
    takesInput: false,
    detachedStatus: DETACHED,
  })
  release()
  if (status === DETACHED) return
  if (isProblem(status)) await sayProblem(context, status, false)
  await say(context, `${view.id} ended with ${isProblem(status) ? 'trouble' : status}; Enter goes back to top`)
  await untilEnter()
}

/** No job's own status. */
const DETACHED = -1
