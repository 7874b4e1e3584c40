/** --dry-run: the commands that would be run, to be read or pasted. Starts nothing, and writes nothing. */
import { join } from 'node:path'
import { type Draft, findRuntimeDir, type LinkCommand, launcherText, linkCommand, usage } from '../index.ts'
import type { Context } from './context.ts'
import { commandOf } from './job-row.ts'
import type { Problem } from './problem.ts'
import { pasteArgv, safeText } from './safe-text.ts'
import { printJson, say } from './say.ts'
import type { StartOptions } from './start-options.ts'

/** In place of the job's own: it has none yet. */
const SOCKET_NAME = 'dry-run'

export const showDryRun = async (
  context: Context,
  draft: Draft,
  { json = false }: Pick<StartOptions, 'json'>,
): Promise<number | Problem> => {
  const { route } = draft
  const runtime = findRuntimeDir(context.env)
  if (runtime === undefined) return usage("no private directory for ssh's control socket", 'set XDG_RUNTIME_DIR')
  const link = linkCommand(route, draft, join(runtime.path, SOCKET_NAME))
  const hasSocket = route.kind === 'ssh' && !draft.plain
  const prepare = hasSocket && !runtime.exists ? [['mkdir', '-p', '-m', '700', runtime.path]] : []
  const argvs = [...prepare, link.argv]
  if (json)
    await printJson(context, {
      host: draft.host,
      route: route.kind,
      commands: argvs.map((argv) => ({ argv, line: pasteArgv(argv) })),
      launcher: link.launcher === null ? null : { to: link.launcher, bytes: Buffer.byteLength(launcherText()) },
      followers: link.hasFollowers ? ['stdout', 'stderr'] : [],
      program: draft.program,
      cwd: draft.cwd,
      env: Object.keys(draft.env),
    })
  else {
    await context.stdout.write(argvs.map((argv) => `${pasteArgv(argv)}\n`).join(''))
    for (const line of explain(link, draft)) await say(context, line)
  }
  return 0
}

const explain = ({ launcher, hasFollowers }: LinkCommand, draft: Draft): readonly string[] => {
  const { env, cwd, hasStdin } = draft
  const names = Object.keys(env)
  const lines = ['a dry run: nothing was started']
  if (launcher === null) lines.push(`on its stdin: ${hasStdin ? 'what --stdin names' : 'nothing'}`)
  else {
    const size = `${Buffer.byteLength(launcherText())} bytes of sh`
    const requests = `requests, the first of them to run: ${commandOf(draft)}`
    lines.push(
      launcher === 'stdin'
        ? `on its stdin: the launcher (${size}), then ${requests}`
        : `on its ${launcher}: the launcher (${size}); on its stdin: ${requests}`,
    )
    if (cwd !== null) lines.push(`in the directory ${safeText(cwd)}`)
    if (names.length > 0) lines.push(`with ${names.join(', ')} in its environment`)
  }
  if (hasFollowers) lines.push('then a session for each of stdout and stderr, which read on from where they were')
  return lines
}
