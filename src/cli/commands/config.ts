/** chap config: is the config file good, and how one is written. */
import type { Command } from 'commander'
import { usage } from '../../index.ts'
import { EXAMPLE } from '../config/example.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { loadConfig } from '../resolve.ts'
import { safeText } from '../safe-text.ts'
import { printJson, say } from '../say.ts'

const HELP = `
Without a word after it, says where the file is, whether it is good, and which hosts it names.

Examples:
  chap config
  chap config example >~/.config/chap/config.toml`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('[example]', 'print a commented example')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((what: string | undefined, options: CommonOptions) =>
      perform(invocation, options, () => config(invocation, what, options)),
    )
}

const config = async (
  { context }: Invocation,
  what: string | undefined,
  { json = false }: CommonOptions,
): Promise<number | Problem> => {
  if (what === 'example') {
    await context.stdout.write(EXAMPLE)
    return 0
  }
  if (what !== undefined) return usage(`chap config knows no ${safeText(what)}`, 'chap config example')
  const found = await loadConfig(context)
  if (isProblem(found)) return found
  const path = context.config?.path ?? null
  const hosts = [...(found?.hosts.keys() ?? [])]
  const transports = [...(found?.transports.keys() ?? [])]
  if (json) await printJson(context, { path, exists: found !== null, hosts, transports })
  else if (found === null)
    await say(context, path === null ? 'CHAP_CONFIG=none' : `there is no ${safeText(path)}`, 'chap config example')
  else {
    const rows = [
      ['file', path ?? ''],
      ...hosts.map((name) => ['host', name]),
      ...transports.map((name) => ['transport', name]),
    ]
    await context.stdout.write(rows.map(([kind = '', text = '']) => `${kind.padEnd(9)}  ${safeText(text)}\n`).join(''))
  }
  return 0
}
