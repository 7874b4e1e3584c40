/** `--sort`: the order of the jobs. */
import { usage } from '../../index.ts'
import type { Problem } from '../problem.ts'
import { ageOf, exitOf, FIELDS, type Glance, isFieldName, timeOf } from './fields.ts'

export type Compare = (a: Glance, b: Glance) => number

/** What is a number is sorted as one; a job that has none comes last. */
const NUMBERS: Readonly<Record<string, (glance: Glance) => number | undefined>> = {
  age: ageOf,
  time: timeOf,
  size: ({ bytes }) => bytes,
  bytes: ({ bytes }) => bytes,
  disk: ({ disk }) => disk,
  exit: (glance) => (/^\d+$/.test(exitOf(glance)) ? Number(exitOf(glance)) : undefined),
}

/** @param text fields with commas between them, each with a minus before it for the other way round: `host,-size` */
export const readSort = (text: string): Compare | Problem => {
  // Digits by their value: `pi9` before `pi10`. To make one takes 10 ms.
  const { compare: compareTexts } = new Intl.Collator('en', { numeric: true })
  const compares: Compare[] = []
  for (const word of text.split(',')) {
    const name = word.replace(/^-/, '').toLowerCase()
    if (!isFieldName(name)) return usage(`--sort knows no '${word}'`, `fields: ${Object.keys(FIELDS).join(', ')}`)
    const number = NUMBERS[name]
    const { text: textOf } = FIELDS[name]
    const compare: Compare =
      number === undefined
        ? (a, b) => compareTexts(textOf(a), textOf(b))
        : (a, b) => (number(a) ?? Number.POSITIVE_INFINITY) - (number(b) ?? Number.POSITIVE_INFINITY) || 0
    compares.push(word.startsWith('-') ? (a, b) => compare(b, a) : compare)
  }
  return (a, b) => compares.reduce((order, compare) => order || compare(a, b), 0)
}
