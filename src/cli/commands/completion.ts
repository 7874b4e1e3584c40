/** chap completion: what makes a shell complete chap's command lines. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Argument, type Command } from 'commander'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { printJson } from '../say.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const HELP = `
What is printed asks chap at each press of Tab: for commands, options, live jobs,
groups, labels, signals, and hosts (of the config file, ssh's, and the jobs').
Put there, bash (with the package bash-completion), zsh and fish find it by themselves;
or, in a shell's rc file: eval "$(chap completion bash)".

Examples:
  chap completion bash > ~/.local/share/bash-completion/completions/chap
  chap completion zsh > "\${fpath[1]}/_chap"
  chap completion fish > ~/.config/fish/completions/chap.fish`

export const configure = (command: Command, invocation: Invocation): void => {
  const { context } = invocation
  command
    .addArgument(new Argument('<shell>', 'the shell that reads it').choices(SHELLS))
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((shell: Shell, options: CommonOptions) =>
      perform(invocation, options, async () => {
        const text = readFileSync(fileURLToPath(new URL(`./completion.${shell}`, import.meta.url)), 'utf8')
        if (options.json === true) await printJson(context, { shell, text })
        else await context.stdout.write(text)
        return 0
      }),
    )
}
