// Does the same work with each contender in turn, round by round, each round with another one first.
import type { Row, Samples } from './row.ts'
import type { Bench } from './work.ts'

/** One turn: does the work, checks it, and gives its figures by name. */
export type Turn<F extends string> = () => Promise<Readonly<Record<F, number>>>

export interface Taken<F extends string> {
  /** One contender's, a sample for each round. */
  of(name: string, figure: F): readonly number[]
  /** Everybody's but chap's. */
  rivals(figure: F): Samples
  all(figure: F): Samples
}

/** @param turns in what order they stand in the table; chap is `chap` */
export const alternate = async <F extends string>(
  { rounds, say, signal }: Pick<Bench, 'rounds' | 'say' | 'signal'>,
  what: string,
  turns: Readonly<Record<string, Turn<F>>>,
): Promise<Taken<F>> => {
  const names = Object.keys(turns)
  const taken = new Map<string, Readonly<Record<F, number>>[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const [index] of names.entries()) {
      const name = names[(index + round) % names.length] ?? ''
      signal.throwIfAborted()
      const figures = await turns[name]?.()
      if (figures === undefined) continue
      taken.get(name)?.push(figures)
      const shown = Object.entries<number>(figures).map(([figure, value]) => `${figure} ${value.toPrecision(4)}`)
      say(`${what}, round ${round + 1} of ${rounds}, ${name}: ${shown.join(', ')}`)
    }
  const of = (name: string, figure: F): readonly number[] => {
    const all = taken.get(name)
    if (all === undefined) throw new Error(`${what}: nobody is called ${name}`)
    return all.map((figures) => figures[figure])
  }
  const all = (figure: F): Samples => Object.fromEntries(names.map((name) => [name, of(name, figure)]))
  return {
    of,
    all,
    rivals: (figure) => Object.fromEntries(Object.entries(all(figure)).filter(([name]) => name !== 'chap')),
  }
}

/** What a busy machine does not blur: of all processes, until nothing of the work was left. */
export const cpuRow = (taken: Taken<'cpu'>, note?: string): Row => ({
  work: '  CPU of all processes, both sides, to the very end',
  unit: 's',
  chap: taken.of('chap', 'cpu'),
  rivals: taken.rivals('cpu'),
  verdict: null,
  ...(note === undefined ? {} : { note }),
})
