/** A chaperone at work, as those who wake it see it. */

export interface Attendance {
  /** Resolves when nothing is left to do for the job here. */
  readonly over: Promise<void>
  /** Something may have been asked, or somebody came to look: look again. */
  readonly lookAgain: (how: 'knocked' | 'by itself') => void
  /** Sees whether the disk has room, and says so where that has changed. @returns whether it is full, as far as the job says */
  readonly lookAtDisk: () => boolean
  /** As a link's. */
  readonly listen: (asks: boolean) => boolean
  /** Ends the link and leaves; the job goes on, and another chaperone can take it up. */
  readonly stop: () => Promise<void>
}
