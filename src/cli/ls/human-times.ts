/** Lengths of time as people say them; the short ones, for programs and narrow terminals, are formatDuration's. */

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const

/** In two units: `42 s`, `3 min 12 s`, `2 h 4 min`, `12 d 5 h`; a second one that is 0 is left out. */
export const sayDuration = (ms: number): string => {
  const index = UNITS.findIndex((unit) => ms >= unit.ms)
  const [first, second] = index < 0 ? [] : UNITS.slice(index)
  if (first === undefined) return '0 s'
  const count = Math.floor(ms / first.ms)
  const rest = second === undefined ? 0 : Math.floor((ms - count * first.ms) / second.ms)
  return `${count} ${first.name}${second === undefined || rest === 0 ? '' : ` ${rest} ${second.name}`}`
}

/** In one: `now`, `12 s ago`, `3 min ago`, `2 h ago`, `12 d ago`. */
export const sayAgo = (ms: number): string => {
  const unit = UNITS.find((one) => ms >= one.ms)
  return unit === undefined ? 'now' : `${Math.floor(ms / unit.ms)} ${unit.name} ago`
}
