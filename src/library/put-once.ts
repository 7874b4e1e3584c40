/** Puts a drafted job to work under an id that was chosen: once. */
import type { AskSecret } from '../domain/secret.ts'
import { openSpool } from '../spool/guard.ts'
import { readSecret } from '../watcher/read-secret.ts'
import type { GiveJob } from '../watcher/spawn-chaperone.ts'
import type { StartedJob } from '../watcher/start-job.ts'
import { findPresent, type Present, startOnce } from '../watcher/start-once.ts'
import type { Draft } from './draft.ts'
import type { Problem } from './problem.ts'
import type { Surroundings } from './surroundings.ts'

export interface PutOptions {
  readonly askSecret?: AskSecret | undefined
  readonly giveJob?: GiveJob | undefined
}

/**
 * @param draft with digests of what was asked
 * @param stdin the file's content, where the job has one; only called where the job is made
 * @returns id_taken: something else was asked for under that id
 * @throws ErrnoException when the job can't be put in the spool: then there is none
 */
export const putOnce = async (
  { spool }: Pick<Surroundings, 'spool'>,
  id: string,
  draft: Draft,
  stdin: () => Uint8Array | null,
  { askSecret, giveJob }: PutOptions = {},
): Promise<StartedJob | Problem> => {
  const asked = draft.asked ?? {}
  const fault = openSpool(spool)
  if (fault !== undefined) return { code: 'spool', fault }
  const present = findPresent(spool, id, asked)
  if (present.kind === 'taken' || present.kind === 'unreadable') return problemOfPresent(id, present)
  // Nobody needs it for a job that has ended, or has its chaperone; and it may not be to be had any more.
  const isNeeded = present.kind === 'absent' || !(present.isSettled || present.hasEnded)
  const secret = isNeeded ? await readSecret(draft.secret, askSecret) : ({ ok: true, value: null } as const)
  if (!secret.ok) return { code: 'secret', id: null, fault: secret.fault }
  const started = startOnce(spool, id, { ...draft, asked }, stdin, secret.value, giveJob)
  return 'kind' in started ? problemOfPresent(id, started) : started
}

const problemOfPresent = (id: string, present: Exclude<Present, { kind: 'absent' | 'same' }>): Problem =>
  present.kind === 'taken'
    ? { code: 'id_taken', id, places: present.places }
    : { code: 'unreadable', id, fault: present.fault }
