// The command line's world without a process: what it prints and says is kept.
import { type Context, realContext } from '../../src/cli/context.ts'

export interface TestContext extends Context {
  /** On stderr. */
  said(): string
}

/** @param terminal how many columns it has; none: both streams are pipes */
export const testContext = ({
  terminal,
  env = {},
}: {
  readonly terminal?: number
  readonly env?: Readonly<Record<string, string>>
} = {}): TestContext => {
  let said = ''
  const stdout = { isTerminal: terminal !== undefined, columns: terminal ?? 80, write: async () => true }
  const stderr = {
    ...stdout,
    write: async (chunk: string | Uint8Array) => {
      said += String(chunk)
      return true
    },
  }
  return { ...realContext(), env, stdout, stderr, said: () => said }
}
