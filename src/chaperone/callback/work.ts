/** The delivery of a job's callback, as those see it who begin it. */
import type { Job } from '../../domain/job.ts'
import type { Spec } from '../../domain/spec.ts'
import type { JobPaths } from '../../spool/layout.ts'
import type { Telling } from '../telling.ts'

export interface CallbackTerms {
  readonly spec: Spec
  readonly paths: JobPaths
  /** Does this chaperone still own the job? @throws ErrnoException for what can't be read */
  readonly isOurs: () => boolean
  readonly note: (text: string) => void
  readonly telling: Pick<Telling, 'tellDelivery'>
}

export interface CallbackWork {
  /** Somebody rang: look whether another try was asked for, also when all was over. */
  readonly wake: () => void
  /** The job's end is published. Only the first call counts. */
  readonly end: (job: Job) => void
  /** Resolves when all is delivered or given up, or left. */
  readonly over: () => Promise<void>
  /** Another chaperone will go on with it. */
  readonly leave: () => void
}
