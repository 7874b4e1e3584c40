/** What can be wrong with the config file: codes with evidence. The words are in words.ts. */

export type ConfigFault = { readonly path: string } & (
  | { readonly code: 'absent' }
  | { readonly code: 'not_a_file' }
  | { readonly code: 'foreign'; readonly uid: number }
  | { readonly code: 'open_to_others'; readonly mode: number }
  | { readonly code: 'syntax'; readonly line: number; readonly column: number; readonly detail: string }
  | { readonly code: 'invalid'; readonly misfits: readonly [Misfit, ...Misfit[]] }
)

/** One thing that doesn't fit: where, and what stands there instead of what. */
export interface Misfit {
  /** The keys that lead there, outermost first. */
  readonly place: readonly string[]
  /** null: nothing may stand there. */
  readonly expected: string | null
  /** null: nothing stands there. */
  readonly found: string | null
  /** For a name that nobody knows: the known one that it looks like. */
  readonly nearest: string | null
}
