/** What a link waits for beside answers: a time, or that it is given up. */

/** @param ms milliseconds */
export const after = (ms: number): { readonly over: Promise<void>; readonly cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return { over, cancel: () => clearTimeout(timer) }
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
