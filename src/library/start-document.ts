/** Starts a job by a document, as schedulers have it. */
import { viewJob } from '../watcher/job-view.ts'
import { readDocument } from './document.ts'
import { documentOfJob } from './job-document.ts'
import { speakOfPlaces } from './place-words.ts'
import { isProblem, type Problem, usage } from './problem.ts'
import { type Started, type StartOptions, start } from './start.ts'

export interface StartedDocument extends Started {
  /** The job as it is now, as `inspect` gives it. */
  readonly document: Readonly<Record<string, unknown>>
}

/**
 * The same as `start`, by the document that `chap start --spec` takes (`chap schema program`). With an `id` in it a scheduler can ask as often as it likes,
 * and also after it was killed over it: there is one job, and it is the answer.
 * @returns as `start`, and document: all that is wrong with it
 */
export const startDocument = async (
  document: unknown,
  options: StartOptions = {},
): Promise<StartedDocument | Problem> => {
  const asked = readDocument(document)
  if (isProblem(asked)) return asked
  if (asked.transport !== null)
    return usage('route.transport is a name of the config file, which a program does without')
  const started = await start(asked.command, options)
  if (isProblem(started)) return speakOfPlaces(started)
  return { ...started, document: documentOfJob(viewJob(started.paths, Date.now())) }
}
