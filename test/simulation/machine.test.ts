// The simulated machine itself, where it must be as a real one is: what it gets wrong is found as a bug of chap's.
import { expect, test } from 'vitest'
import { type Clock, startClock } from './clock.ts'
import { startMachine } from './machine.ts'
import { startRandom } from './random.ts'
import { startTrace } from './trace.ts'

const start = () => {
  const clock = startClock()
  const machine = startMachine(clock, startRandom(1), startTrace())
  const process = machine.spawn('chaperone')
  const done: string[] = []
  /** Something that is done `ms` from now, and leaves its name and the time. */
  const later = (name: string, ms: number) =>
    machine.wake(process, ms, () => {
      done.push(`${name} ${clock.now()}`)
    })
  return { clock, machine, process, done, later }
}

const playOut = (clock: Clock): void => {
  for (let run = clock.advance(); run !== undefined; run = clock.advance()) run()
}

test('a process that is stopped again and again does in their order the things that wait for it', () => {
  const { clock, machine, process, done, later } = start()
  machine.stop(process, 20_000)
  later('first half', 100)
  clock.after(200, () => machine.stop(process, 3_000))
  later('second half', 300)
  later('after it goes on', 4_000)
  playOut(clock)
  expect(done).toEqual(['first half 3200', 'second half 3200', 'after it goes on 4000'])
})

test('a process goes on at the later time when it is stopped for longer', () => {
  const { clock, machine, process, done, later } = start()
  machine.stop(process, 1_000)
  later('one', 100)
  clock.after(500, () => machine.stop(process, 5_000))
  later('other', 1_500)
  playOut(clock)
  expect(done).toEqual(['one 5500', 'other 5500'])
})

test('what is called off while it waits for a stopped process is not done, nor anything of one that is killed', () => {
  const { clock, machine, process, done, later } = start()
  machine.stop(process, 1_000)
  const callOff = later('called off', 100)
  later('kept', 100)
  clock.after(500, callOff)
  playOut(clock)
  expect(done).toEqual(['kept 1000'])
  machine.stop(process, 1_000)
  later('of the dead', 100)
  clock.after(500, () => machine.kill(process))
  playOut(clock)
  expect(done).toEqual(['kept 1000'])
})
