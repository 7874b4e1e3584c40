// Preloaded into a chaperone (NODE_OPTIONS): its wall clock is off by so many milliseconds as a file says at the moment. Only the wall clock:
// timers run on the monotonic one, which no administrator and no NTP can turn.
import { readFileSync } from 'node:fs'

const file = process.env['CHAP_RIG_CLOCK'] ?? ''
const RealDate = Date

const now = () => RealDate.now() + Number(readFileSync(file, 'utf8'))

globalThis.Date = new Proxy(RealDate, {
  construct: (target, words) => Reflect.construct(target, words.length === 0 ? [now()] : words),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
})
