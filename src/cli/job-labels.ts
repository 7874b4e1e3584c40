/** What each line of several jobs begins with. */

import { hostOf, type JobView, type Stream } from '../index.ts'
import { type ColorWish, hasColor, paintName } from './color.ts'
import type { Context } from './context.ts'
import { safeText } from './safe-text.ts'

/** The host; where it has several of the jobs, host/id; the id of a job of this machine. */
export const nameJobs = (views: readonly JobView[]): ReadonlyMap<string, string> => {
  const counts = new Map<string | null, number>()
  for (const view of views) counts.set(hostOf(view), (counts.get(hostOf(view)) ?? 0) + 1)
  return new Map(
    views.map((view) => {
      const host = hostOf(view)
      if (host === null) return [view.id, view.id]
      return [view.id, (counts.get(host) ?? 0) > 1 ? `${safeText(host)}/${view.id}` : safeText(host)]
    }),
  )
}

/** `name | `, padded, in the colours of the stream's own place. */
export const labelOf = (
  context: Context,
  color: ColorWish,
  name: string,
  width: number,
): ((stream: Stream) => string) => {
  const padded = name.padEnd(width)
  return (stream) => `${hasColor(context, context[stream], color) ? paintName(name, padded) : padded} | `
}
