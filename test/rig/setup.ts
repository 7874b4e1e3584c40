// vitest's globalSetup: what outlives single test files is removed when the run ends.
import { listAccounts, removeAccounts } from './accounts.ts'

export async function teardown(): Promise<void> {
  if (process.getuid?.() === 0 && (await listAccounts()).length > 0) await removeAccounts()
}
