/** How a person writes a length of time, and how chap does. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/

/** Milliseconds of `10` (seconds), `10s`, `5m`, `2h`, `1d`, `500ms`, `1.5h`; undefined: that is no duration. */
export const parseDuration = (text: string): number | undefined => {
  const [, number, unit = 's'] = DURATION.exec(text) ?? []
  if (number === undefined) return undefined
  const ms = Math.round(Number(number) * UNITS[unit as keyof typeof UNITS])
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** Seconds exactly, in the largest unit that can: `90s`, `10m`, `2h`. */
export const spellSeconds = (seconds: number): string => {
  const unit = (['d', 'h', 'm'] as const).find((one) => seconds > 0 && (seconds * 1000) % UNITS[one] === 0) ?? 's'
  return `${(seconds * 1000) / UNITS[unit]}${unit}`
}

/** In the largest unit that says enough: `42s`, `3m`, `7h`, `12d`. */
export const formatDuration = (ms: number): string => {
  if (ms < UNITS.m) return `${Math.max(0, Math.floor(ms / UNITS.s))}s`
  if (ms < UNITS.h) return `${Math.floor(ms / UNITS.m)}m`
  if (ms < 2 * UNITS.d) return `${Math.floor(ms / UNITS.h)}h`
  return `${Math.floor(ms / UNITS.d)}d`
}
