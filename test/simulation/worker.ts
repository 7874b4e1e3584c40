// Plays seeds up to the first that violates the law, and says on stdout what came of them, as lines of JSON.
import { type Focus, simulate } from './simulate.ts'

const [numbers, focus] = JSON.parse(globalThis.process.argv[2] ?? '[[]]') as [number[], Focus?]
const [from = 0, count = 1, stride = 1, goOn = 0] = numbers
let events = 0
let seeds = 0
for (let i = 0; i < count; i += 1) {
  const { violation, seed, events: played } = await simulate(from + i * stride, focus)
  events += played
  seeds += 1
  if (violation === undefined) continue
  console.log(JSON.stringify({ seed, ...violation }))
  if (goOn === 0) break
}
console.log(JSON.stringify({ seeds, events }))
