/** Hands values over one at a time: whoever gives waits until whoever takes has asked for the next, so nothing piles up in between. */

/** Resolves when the value was dealt with; false: no more is wanted. */
export type Put<T> = (value: T) => Promise<boolean>

/**
 * The values that `give` puts, for a `for await` loop. The giving begins with the first value asked for. Leaving the loop aborts it, and
 * waits until it has cleaned up.
 * @param signal ends the loop as if no more values came
 */
export async function* handOver<T>(
  give: (put: Put<T>, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  // Not AbortSignal.any: a caller's signal may outlive thousands of loops.
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  let offer: { readonly value: T; readonly taken: (isMoreWanted: boolean) => void } | undefined
  let isOver = false
  let wake = (): void => undefined
  const put: Put<T> = (value) =>
    new Promise((taken) => {
      if (stop.signal.aborted) return taken(false)
      offer = { value, taken }
      wake()
    })
  const giving = give(put, stop.signal).finally(() => {
    isOver = true
    wake()
  })
  // It is awaited below; until then nobody else may be told.
  giving.catch(() => undefined)
  try {
    for (;;) {
      if (offer === undefined && !isOver)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (offer === undefined) break
      yield offer.value
      const { taken } = offer
      offer = undefined
      taken(!stop.signal.aborted)
    }
  } finally {
    abort()
    offer?.taken(false)
    signal?.removeEventListener('abort', abort)
    await giving
  }
}
