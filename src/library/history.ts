/** What did not end well, for a program: jobs, runs of a series, and what is kept of those that were removed. */
import { type HistoryEntry, listHistory } from '../watcher/history.ts'
import { checkOwnSpool } from './choose-job.ts'
import { attempt, type Problem } from './problem.ts'
import { type InSpool, type Surroundings, surroundingsOf } from './surroundings.ts'

export interface HistoryOptions extends InSpool {
  /** Ids, beginnings of ids, or names, also of removed jobs; by default all. */
  readonly names?: readonly string[]
  /** Milliseconds since the epoch: only what ended since then. */
  readonly since?: number
}

/** An end that was not well, with the fields that `chap history --json` prints. */
export type BadEnd = Omit<HistoryEntry, 'format' | 'nonce'>

/**
 * Jobs and runs that failed, were killed or timed out, never began, or whose status is not known, and runs that were missed or lost; newest
 * last. What is kept of removed jobs is the last thousands of ends.
 */
export const history = (options: HistoryOptions = {}): Promise<BadEnd[] | Problem> =>
  attempt(() => {
    const around = surroundingsOf(options)
    return checkOwnSpool(around) ?? chooseHistory(around, options)
  })

/** @throws ErrnoException when the spool can't be read */
export const chooseHistory = (
  { spool, now }: Pick<Surroundings, 'spool' | 'now'>,
  { names = [], since = Number.NEGATIVE_INFINITY }: HistoryOptions,
): BadEnd[] =>
  listHistory(spool, now())
    .filter(({ time }) => Date.parse(time) >= since)
    .filter((entry) => names.length === 0 || names.some((name) => isMeant(entry, name)))
    .map(({ format: _, nonce: _nonce, ...end }) => end)

/** A removed job can't be found in the spool: the words are the entry's. */
const isMeant = ({ job, name }: HistoryEntry, word: string): boolean => name === word || job.startsWith(word)
