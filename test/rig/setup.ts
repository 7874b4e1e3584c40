// vitest's globalSetup: what outlives single test files is removed when the run ends, and no other run needs it.
import { listAccounts, removeAccounts } from './accounts.ts'
import { enterAlone, enterRun, type Hold } from './runs.ts'

const sharesAccounts = process.platform === 'linux' && process.getuid?.() === 0
const holds: Hold[] = []

export async function setup(): Promise<void> {
  if (sharesAccounts) holds.push(await enterRun())
}

export async function teardown(): Promise<void> {
  if (!sharesAccounts) return
  for (const shared of holds) await shared.release()
  const alone = await enterAlone()
  if (alone === undefined) return
  if ((await listAccounts()).length > 0) await removeAccounts()
  await alone.release()
}
