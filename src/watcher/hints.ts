/** Hints, gathered: any number of them between two looks are one. */

export interface Hints {
  readonly hint: () => void
  /** Resolves at the next hint, or at once when there was one since the last call. For one caller at a time. */
  readonly changed: () => Promise<void>
}

export const gatherHints = (): Hints => {
  let isHinted = false
  let wake = (): void => undefined
  return {
    hint: () => {
      isHinted = true
      wake()
    },
    changed: async () => {
      if (!isHinted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      isHinted = false
    },
  }
}
