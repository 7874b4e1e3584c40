/** Asking a person for a job's password or passphrase. */
import type { AskSecret, RecoveryHooks as Recovery } from '../index.ts'
import type { Context } from './context.ts'
import { announceRecovery } from './follow-words.ts'
import { safeText } from './safe-text.ts'

/** @param id of a job that is there already; undefined: there is nobody to ask */
export const asker = (context: Context, host: string | null, id?: string): AskSecret | undefined =>
  context.askSecret(
    `password or passphrase for ${safeText(host ?? 'this machine')}${id === undefined ? '' : ` (job ${id})`}: `,
  )

/** What one that waits on a job does when the job's chaperone is gone. */
export const recoveryOf = (context: Context, id: string, host: string | null): Recovery => {
  // Output that goes to a file, or a script that waits: nobody looks.
  const askSecret = context.stderr.isTerminal ? asker(context, host, id) : undefined
  return { onRecovered: announceRecovery(context, id), ...(askSecret === undefined ? {} : { askSecret }) }
}
