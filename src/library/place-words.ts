/** Says of a document what is said of the command line: by the places of what was given. */
import { PLACES } from './document-places.ts'
import { spellOption } from './names.ts'
import type { Problem } from './problem.ts'

const OTHERS: Readonly<Record<string, string>> = {
  id: 'id',
  env: 'program.env',
  stdin: 'program.stdin',
  callback: 'callback.url',
  'callback-method': 'callback.method',
  'callback-token-file': 'callback.token',
  'callback-ca': 'callback.ca',
  'callback-retry': 'config.retry_frequency',
  'callback-timeout': 'config.timeout',
  'callback-buffer': 'config.output_buffer',
  'callback-latency': 'config.output_latency',
}

const PLACE_OF: ReadonlyMap<string, string> = new Map([
  ...Object.entries(PLACES).map(([option, place]): [string, string] => [spellOption(option), place]),
  ...Object.entries(OTHERS),
])

const translate = (text: string): string =>
  text.replace(/--([a-z]+(?:-[a-z]+)*)/g, (option, name: string) => PLACE_OF.get(name) ?? option)

export const speakOfPlaces = (problem: Problem): Problem =>
  problem.code === 'usage' ? { code: 'usage', message: translate(problem.message) } : problem
