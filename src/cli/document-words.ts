/** The words for what is wrong with a document. */
import type { Problem } from '../index.ts'
import { safeText } from './safe-text.ts'
import type { Words } from './words.ts'

type Of<Code> = Extract<Problem, { code: Code }>

export const wordsOfDocument = (problem: Of<'document'> | Of<'no_json'> | Of<'id_taken'>): Words => {
  switch (problem.code) {
    case 'document':
      return {
        message: `nothing was started: ${problem.misfits.map(wordsOfMisfit).join('; ')}`,
        hint: 'chap schema program says what may stand in it',
      }
    case 'no_json': {
      const { fault } = problem
      return fault.code === 'too_long'
        ? {
            message: `nothing was started: the document is longer than ${fault.most} bytes`,
            hint: 'input for the program belongs into a file: "stdin": { "file": "/path" }',
          }
        : {
            message: `nothing was started: line ${fault.line}, column ${fault.column}: ${safeText(fault.detail)}`,
            hint: 'a document is JSON: chap start --help has an example',
          }
    }
    case 'id_taken':
      return {
        message:
          problem.places.length === 0
            ? `the id ${problem.id} belongs to another job, or to a group`
            : `there is a job ${problem.id} for which something else was asked: ${problem.places.join(', ')}`,
        hint: `chap inspect ${problem.id} shows it; another job needs another id`,
      }
  }
}

const wordsOfMisfit = ({ path, expected, found }: Of<'document'>['misfits'][number]): string =>
  `${path === '' ? 'the document' : safeText(path)}: expected ${expected}, found ${safeText(found)}`
