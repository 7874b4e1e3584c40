// vitest's globalSetup: what outlives single test files is removed when the run ends, and no other run needs it.
import { listAccounts, removeAccounts } from './accounts.ts'
import { enterAlone, enterRun, type Release } from './runs.ts'

const sharesAccounts = process.platform === 'linux' && process.getuid?.() === 0
const held: Release[] = []

export async function setup(): Promise<void> {
  if (sharesAccounts) held.push(await enterRun())
}

export async function teardown(): Promise<void> {
  if (!sharesAccounts) return
  for (const leave of held) await leave()
  const leaveAlone = await enterAlone()
  if (leaveAlone === undefined) return
  if ((await listAccounts()).length > 0) await removeAccounts()
  await leaveAlone()
}
