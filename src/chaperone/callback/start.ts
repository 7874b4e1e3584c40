/** Begins the delivery of a job's callback, where it has one; all of it is loaded only then. */
import type { CallbackTerms, CallbackWork } from './work.ts'

const nothing: CallbackWork = {
  wake: () => undefined,
  end: () => undefined,
  over: async () => undefined,
  leave: () => undefined,
}

export const startCallback = async (terms: CallbackTerms): Promise<CallbackWork> => {
  const { callback } = terms.spec
  return callback === null ? nothing : (await import('./deliver.ts')).startDelivery({ ...terms, callback })
}
