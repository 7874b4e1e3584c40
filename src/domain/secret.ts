/** A job's password or passphrase: where it comes from, which is all of it that is ever on disk, and why it could not be had. */

/** A command is run by sh in the home directory: it must mean the same when it is run again. */
export type SecretSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'prompt' }

export type SecretFault =
  /** It is to be typed, and there is nobody to ask. */
  | { readonly code: 'no_terminal' }
  | { readonly code: 'not_typed' }
  | { readonly code: 'no_file'; readonly path: string; readonly detail: string }
  | { readonly code: 'open_to_others'; readonly path: string; readonly mode: number }
  | { readonly code: 'command_failed'; readonly command: string; readonly detail: string }
  /** from: the file's path, or the command. */
  | { readonly code: 'empty'; readonly from: string }
  | { readonly code: 'too_long'; readonly from: string }

export type Secret =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly fault: SecretFault }

/** Asks a person; null: nothing was typed. */
export type AskSecret = () => Promise<string | null>
