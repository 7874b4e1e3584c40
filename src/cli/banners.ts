/** Banners of a series: where a run begins, and what was missed, are said between the bytes, on stderr and for eyes only. */
import type { OnRun, RunNote, Sink, Sinks } from '../index.ts'
import type { Context } from './context.ts'
import { safeText } from './safe-text.ts'

const NEWLINE = 10

export interface Banners {
  /** The sinks, watched: a banner begins a line of its own. */
  readonly sinks: Sinks
  readonly onRun?: OnRun
}

/** @param isForced also where stderr is no terminal */
export const addBanners = (context: Context, sinks: Sinks, isForced: boolean): Banners => {
  if (!isForced && !context.stderr.isTerminal) return { sinks }
  let isLineStart = true
  const watched = (sink: Sink | null): Sink | null =>
    sink && {
      write: (bytes) => {
        if (bytes.length > 0) isLineStart = bytes.at(-1) === NEWLINE
        return sink.write(bytes)
      },
      skip: async (gap) => (await sink.skip?.(gap)) ?? true,
    }
  return {
    sinks: { stdout: watched(sinks.stdout), stderr: watched(sinks.stderr) },
    onRun: async (note) => {
      const banner = bannerOf(note)
      if (banner === null) return
      const start = isLineStart ? '' : '\n'
      isLineStart = true
      await context.stderr.write(`${start}${banner}`)
    },
  }
}

/** Among the lines of several jobs: each behind its job's label, where it begins and ends whole lines. */
export const labelBanners = (
  context: Context,
  label: (stream: 'stderr') => string,
  isForced: boolean,
): OnRun | undefined => {
  if (!isForced && !context.stderr.isTerminal) return undefined
  return async (note) => {
    const banner = bannerOf(note)
    if (banner !== null) await context.stderr.write(`${label('stderr')}${banner}`)
  }
}

const bannerOf = (note: RunNote): string | null => {
  const words = wordsOfNote(note)
  return words === null ? null : `── ${words} ──\n`
}

const wordsOfNote = (note: RunNote): string | null => {
  switch (note.kind) {
    case 'begun':
      return `run ${note.run} · ${timeOfDay(note.start)}`
    case 'missed': {
      const { from, to, why } = note
      return `${from === to ? `run ${from} was` : `runs ${from} to ${to} were`} missed: ${safeText(why)}`
    }
    case 'lost':
      return `how run ${note.run} ended is not known: ${safeText(note.why)}`
    case 'ended':
      return null
  }
}

/** By the clock of whoever looks. */
const timeOfDay = (seconds: number): string => {
  const time = new Date(seconds * 1000)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
