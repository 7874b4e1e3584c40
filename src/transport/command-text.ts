/** The sh text that becomes the command: environment and directory, then exec. It is a file, so nothing of it is in an argv. */
import type { Spec } from '../domain/spec.ts'
import { quoteWord } from './quote.ts'
import { execReduced } from './reduced-environment.ts'

/** Name of the job's directory on a machine that many may share, and the mark in its processes' environment. */
export const remoteName = ({ id, nonce }: Pick<Spec, 'id' | 'nonce'>): string => `${id}-${nonce}`

export const commandText = (spec: Spec): string => {
  const env: Record<string, string | null> = {
    ...spec.env,
    CHAP_JOB_ID: spec.id,
    CHAP_JOB_NAME: spec.name ?? '',
    // The launcher sets it for each run of a series.
    ...(spec.series === null ? { CHAP_RUN: '1' } : {}),
    ...groupEnvironment(spec),
    CHAP_MARK: remoteName(spec),
  }
  return [
    ...Object.entries(env).map(([name, value]) => exportValue(name, value)),
    ...(spec.cwd === null ? [] : [enterDirectory(spec.cwd)]),
    `${execReduced(spec, Object.keys(env))} ${execWords(spec).map(quoteWord).join(' ')}`,
    '',
  ].join('\n')
}

const groupEnvironment = ({ group, host }: Spec): Record<string, string> =>
  group === null ? {} : { CHAP_GROUP: group.id, CHAP_INDEX: String(group.index), CHAP_HOST: host ?? '' }

const exportValue = (name: string, value: string | null): string => {
  // Better no job than one that runs without what it was given.
  if (value === null) throw new TypeError(`the value of ${name} is not known any more`)
  return `export ${name}=${quoteWord(value)}`
}

const enterDirectory = (dir: string): string =>
  `CDPATH= cd -- ${quoteWord(dir)} || { echo 'chap: no such working directory' >&2; exit 126; }`

const execWords = ({ program }: Spec): readonly string[] => {
  if (program.argv === undefined) return ['sh', '-c', program.command]
  // exec(1) would take it for an option
  return program.argv[0].startsWith('-') ? ['env', '--', ...program.argv] : program.argv
}
