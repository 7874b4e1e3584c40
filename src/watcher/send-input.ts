/** Sends a running command more of its stdin. What was accepted is on disk, and gets there once, whatever dies in between. */
import { randomBytes } from 'node:crypto'
import type { Asker } from '../domain/spec.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import { dropInput, newRequestId, putRequest, readAnswer } from '../spool/requests.ts'
import type { State } from '../spool/state.ts'
import { keepAttended, type Recovery } from './keep-attended.ts'
import { openState } from './state-reader.ts'
import { findTrouble, type Trouble } from './trouble.ts'
import { type Watch, watchDirectory } from './watch-directory.ts'

/** Bytes that one request carries at the most. */
const LONGEST = 65_536

export type Sent =
  | { readonly kind: 'accepted' }
  /** The command has ended, or is about to be said to. */
  | { readonly kind: 'ended' }
  /** Its stdin has ended, or was never open. */
  | { readonly kind: 'closed' }
  /** A chaperone of another version did not understand. */
  | { readonly kind: 'invalid' }
  | Trouble

export interface SendOptions extends Recovery {
  readonly by: Asker
  /** Called with each new state while an answer is waited for. */
  readonly onState?: (state: State) => void
}

/** Bytes that were accepted, and what became of the first that were not. */
export interface SentAll {
  readonly bytes: number
  readonly last: Sent
}

/**
 * Sends what comes, as it comes: the next piece is read when the one before was accepted.
 * @param closes stdin ends behind it
 * @throws ErrnoException when a request can't be put on disk: then the piece was not sent
 */
export const sendInput = async (
  paths: JobPaths,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  closes: boolean,
  options: SendOptions,
): Promise<SentAll> => {
  const watches = [watchDirectory(paths.dir), watchDirectory(paths.requests)]
  let bytes = 0
  try {
    const attendance = keepAttended(paths, options)
    const send = (data: Uint8Array, eof: boolean): Promise<Sent> =>
      sendRequest(paths, { data: Buffer.from(data).toString('base64'), eof }, watches, attendance, options)
    for await (const piece of pieces)
      for (let at = 0; at < piece.length; at += LONGEST) {
        const part = piece.subarray(at, at + LONGEST)
        const sent = await send(part, false)
        if (sent.kind !== 'accepted') return { bytes, last: sent }
        bytes += part.length
      }
    return { bytes, last: closes ? await send(new Uint8Array(), true) : { kind: 'accepted' } }
  } finally {
    for (const watch of watches) watch.close()
  }
}

const sendRequest = async (
  paths: JobPaths,
  input: { readonly data: string; readonly eof: boolean },
  watches: readonly Watch[],
  attendance: () => Promise<Trouble | undefined>,
  { by, onState }: SendOptions,
): Promise<Sent> => {
  const time = new Date()
  const id = newRequestId(time, randomBytes(4).toString('hex'))
  const state = openState(paths.state)
  putRequest(paths, { kind: 'input', ...input, id, time: time.toISOString(), by })
  ringDoorbell(paths.doorbell)
  for (;;) {
    const { read, isNew } = state()
    if (read.ok && isNew) onState?.(read.value)
    const sent = judge(paths, id, read.ok ? read.value : undefined)
    if (sent !== undefined) {
      dropInput(paths.requests, id)
      return sent
    }
    const trouble = findTrouble(paths, read) ?? (await attendance())
    if (trouble !== undefined) return trouble
    await Promise.race(watches.map((watch) => watch.changed()))
  }
}

/** undefined: nothing is decided yet. */
const judge = (paths: JobPaths, id: string, state: State | undefined): Sent | undefined => {
  const answer = readAnswer(paths.requests, id)
  if (answer.ok) {
    const { result } = answer.value
    return { kind: result === 'accepted' || result === 'closed' || result === 'ended' ? result : 'invalid' }
  }
  if (state?.job.link.status !== 'closed') return undefined
  // Its chaperone has left, or is about to: it may have counted this all the same.
  return { kind: state.job.input?.last === id ? 'accepted' : 'ended' }
}
