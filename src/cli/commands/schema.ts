/** chap schema: the JSON Schemas of what chap reads and writes. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { usage } from '../../index.ts'
import { type Invocation, perform } from '../invocation.ts'
import type { Problem } from '../problem.ts'

const HELP = `
Examples:
  chap schema                       the names of all
  chap schema program               of what start --spec and agent take
  chap schema state                 of a job's state.json`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('[name]', 'which one; none: their names')
    .addHelpText('after', HELP)
    .action((name: string | undefined) => perform(invocation, {}, () => show(invocation, name)))
}

/** They come with the package, beside dist/. */
const FOLDER = new URL('../spool.example/schema/', import.meta.url)
const ENDING = '.schema.json'

const show = async ({ context }: Invocation, name: string | undefined): Promise<number | Problem> => {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .toSorted()
  if (name === undefined) await context.stdout.write(names.map((one) => `${one}\n`).join(''))
  else if (names.includes(name)) await context.stdout.write(readFileSync(new URL(`${name}${ENDING}`, FOLDER)))
  else return usage(`there is no schema of ${name}`, names.join(', '))
  return 0
}
