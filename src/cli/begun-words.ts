/** How a job began: what start and rerun tell of it. */
import { type Begun, EXIT_CHAP, exitStatusOfJob, type Outcome, outcomeOf, type Spec } from '../index.ts'
import type { Context } from './context.ts'
import { wordsOfOutcome } from './outcome-words.ts'
import { safeText } from './safe-text.ts'
import { say, sayWords } from './say.ts'
import { wordsOfFault } from './words.ts'

/** What is known of it; one whose chaperone could not be started is a problem, and told as such. */
export type Known = Exclude<Begun, { readonly kind: 'failed' }>

const outcomeOfBegun = (begun: Known): Outcome | null => (begun.kind === 'certain' ? outcomeOf(begun.state.job) : null)

export const documentOfBegun = (id: string, begun: Known): object => ({
  id,
  state: begun.kind === 'certain' ? begun.state.job.phase : 'pending',
  outcome: outcomeOfBegun(begun),
  fault: begun.kind === 'pending' ? begun.fault : null,
})

export const statusOfBegun = (begun: Known): number => {
  if (begun.kind !== 'certain' || outcomeOf(begun.state.job)?.kind !== 'refused') return 0
  return exitStatusOfJob(begun.state.job) ?? EXIT_CHAP
}

/** On stderr; that all is well only where it is a terminal. */
export const explainBegun = async (
  context: Context,
  { id, host }: Pick<Spec, 'id' | 'host'>,
  begun: Known,
  { quiet = false }: { readonly quiet?: boolean },
): Promise<void> => {
  const outcome = outcomeOfBegun(begun)
  if (outcome?.kind === 'refused' || outcome?.kind === 'unknown')
    return sayWords(context, `${id} `, wordsOfOutcome(outcome, host ?? 'this machine'))
  if (begun.kind === 'pending' && begun.fault !== null) {
    const { message, hint } = wordsOfFault(begun.fault, host ?? 'this machine')
    return say(
      context,
      `${id} is pending: ${message}; still trying`,
      `${hint === null ? '' : `${hint}; `}chap kill ${id} gives it up`,
    )
  }
  if (quiet || !context.stderr.isTerminal) return
  const at = host === null ? '' : ` at ${safeText(host)}`
  await say(
    context,
    `${id} ${begun.kind === 'pending' ? 'is on its way' : outcome === null ? `runs${at}` : 'has ended'}`,
    `chap attach ${id}`,
  )
}
