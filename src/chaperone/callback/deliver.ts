/**
 * Delivers a job's output and its end to the callback's receiver, while the job goes on and after it. The spool's files are the buffer: one piece
 * is read, sent and forgotten at a time, so a slow receiver costs the job nothing, and no memory. domain/callback.ts decides.
 */
import { type Delivery, nextMove, type Sending, takeReply, tryAgain } from '../../domain/callback.ts'
import type { CallbackReply } from '../../domain/callback-reply.ts'
import type { Job } from '../../domain/job.ts'
import type { Callback } from '../../domain/spec.ts'
import {
  deliveryOf,
  isAskedAgain,
  readDelivery,
  removeToken,
  takeAskedAgain,
  writeDelivery,
} from '../../spool/callback.ts'
import { documentOfEnd } from '../end-document.ts'
import { type Poster, startPoster } from './poster.ts'
import { readPiece } from './read-piece.ts'
import { startStock } from './stock.ts'
import { startWaiting } from './waiting.ts'
import type { CallbackTerms, CallbackWork } from './work.ts'

/** Milliseconds between two saves of what was acknowledged, while all is well: one that dies forgets less than that. */
const SAVE_MS = 1_000
/** Milliseconds until that is tried again which the system refused, a record that can't be written for one. */
const BLOCKED_MS = 5_000
/** What the system says when the job's directory is not there any more. */
const GONE = new Set(['ENOENT', 'ENOTDIR'])

export const startDelivery = (terms: CallbackTerms & { readonly callback: Callback }): CallbackWork => {
  const { spec, paths, isOurs, note, telling, callback } = terms
  let delivery = deliveryOf(readDelivery(paths))
  let ended: Job | undefined
  let savedAt = Number.NEGATIVE_INFINITY
  /** When what was acknowledged since is to be saved; infinite: all is. */
  let saveAt = Number.POSITIVE_INFINITY
  let repliedAt: number | undefined
  const waiting = startWaiting()
  const stock = startStock(paths, callback)
  const poster: Poster = startPoster(spec.id, callback, paths, waiting.left)

  /** @returns whether it is on disk */
  const save = (pause = 0): boolean => {
    const now = Date.now()
    const nextTry = pause === 0 ? null : new Date(now + pause * 1000).toISOString()
    try {
      // Removed while a request was on its way: what lies there now is another's.
      if (!isOurs()) waiting.leave()
      else {
        writeDelivery(paths, delivery, nextTry, new Date(now).toISOString())
        savedAt = performance.now()
        saveAt = Number.POSITIVE_INFINITY
        return true
      }
    } catch (error) {
      if (!isPassing(error)) throw error
      note(`callback: how far it is can't be written: ${error.message}`)
      saveAt = performance.now() + BLOCKED_MS
    }
    return false
  }

  /** What was concluded has to be on disk: it is what others go by. */
  const saveAtLast = async (): Promise<void> => {
    while (!save() && !waiting.isLeft()) await waiting.pause(BLOCKED_MS)
  }

  /** undefined: what was there is not any more, after a power cut; it comes again. */
  const perform = async (move: Sending): Promise<{ sent: Sending; reply: CallbackReply } | undefined> => {
    if (move.kind === 'complete') {
      const document = ended === undefined ? {} : documentOfEnd(ended, spec, paths)
      const about = { 'chap-stdout': String(move.sizes.stdout), 'chap-stderr': String(move.sizes.stderr) }
      return { sent: move, reply: await poster.post('completed', about, Buffer.from(`${JSON.stringify(document)}\n`)) }
    }
    const { stream, offset, total, isFinal } = move
    const piece = readPiece(paths[stream], offset, move.length)
    if (piece.length === 0) return undefined
    const about = { 'chap-offset': String(offset), 'chap-total': String(total), 'chap-final': String(isFinal) }
    return {
      sent: { ...move, length: piece.length },
      reply: await poster.post(`output/${stream}`, about, piece, stream),
    }
  }

  /** @returns seconds until the next move */
  const tryOnce = async (move: Sending): Promise<number> => {
    const begun = performance.now()
    const performed = await perform(move)
    if (waiting.isLeft() || performed === undefined) return 1
    const { sent, reply } = performed
    const now = performance.now()
    const tried = {
      elapsed: (now - (delivery.failures > 0 ? (repliedAt ?? begun) : begun)) / 1000,
      random: Math.random(),
    }
    repliedAt = now
    const before = delivery
    const taken = takeReply(before, sent, reply, tried, callback)
    delivery = taken.delivery
    const { fault } = delivery
    if (fault === null && move.kind === 'send') stock.sent(move.stream)
    noteChange(note, before, delivery)
    saveAt = Math.min(saveAt, savedAt + SAVE_MS)
    if (delivery.givenUp || delivery.completed) {
      await saveAtLast()
      if (!waiting.isLeft()) telling.tellDelivery(delivery)
    } else if (fault !== null || before.fault !== null || now >= saveAt) save(taken.pause)
    return taken.pause
  }

  const takeAsked = async (): Promise<void> => {
    note('callback: asked to try again')
    delivery = tryAgain(delivery)
    waiting.resumeNow()
    await saveAtLast()
    if (!waiting.isLeft()) takeAskedAgain(paths)
  }

  const tidyUp = (): void => {
    removeToken(paths)
    // Asked when the last request was on its way: it is done.
    takeAskedAgain(paths)
  }

  /** @returns whether there is more to do */
  const goOn = async (): Promise<boolean> => {
    if (!isOurs()) return false
    if (!delivery.completed && isAskedAgain(paths)) await takeAsked()
    if (waiting.isLeft() || (await waiting.isPausing())) return true
    const move = nextMove(delivery, stock.look(delivery.acknowledged, ended !== undefined), callback)
    if (move.kind === 'over') {
      if (delivery.completed) tidyUp()
      return false
    }
    if (move.kind !== 'wait') waiting.resumeAfter(await tryOnce(move))
    else {
      if (performance.now() >= saveAt) save()
      await waiting.pause(stock.restMs(move.seconds))
    }
    return true
  }

  const deliver = async (): Promise<void> => {
    let refusal: string | undefined
    while (!waiting.isLeft()) {
      try {
        if (!(await goOn())) return
        refusal = undefined
      } catch (error) {
        if (!isPassing(error)) throw error
        if (error.message !== refusal) note(`callback: it waits: ${error.message}`)
        refusal = error.message
        await waiting.pause(BLOCKED_MS)
      }
    }
    if (delivery.failures === 0 && save() && delivery.completed) tidyUp()
  }

  // What a dead one could not tell any more.
  telling.tellDelivery(delivery)
  let work: Promise<void> | undefined
  const begin = (): void => {
    work ??= deliver()
      .catch((error: NodeJS.ErrnoException) => {
        if (!GONE.has(error.code ?? '')) note(`callback: ${error.stack}`)
      })
      .finally(() => {
        poster.close()
        work = undefined
      })
  }
  begin()
  return {
    wake: () => {
      waiting.wake()
      // It may have been over, and somebody asks for more.
      if (!waiting.isLeft()) begin()
    },
    end: (job) => {
      ended ??= job
      waiting.wake()
    },
    over: async () => {
      while (work !== undefined) await work
    },
    leave: waiting.leave,
  }
}

/** What the system refuses, and may allow later. */
const isPassing = (error: unknown): error is NodeJS.ErrnoException => {
  const { errno, code = '' } = error as NodeJS.ErrnoException
  return errno !== undefined && !GONE.has(code)
}

const noteChange = (note: CallbackTerms['note'], before: Delivery, { fault, failures, givenUp }: Delivery): void => {
  if (fault === null) return before.fault === null ? undefined : note('callback: the receiver takes it again')
  if (givenUp || fault.code !== before.fault?.code)
    note(`callback: ${JSON.stringify({ ...fault, failures })}${givenUp ? '; given up' : ''}`)
}
