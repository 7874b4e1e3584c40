// A machine behind another one, as ssh's -J has it.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'sshd', 'ssh')

let sshd: Sshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

test('a job runs through a jump host', async () => {
  const args = ['run', '-F', sshd.sshConfig, '-J', 'rig', 'rig', '--', 'echo', 'there']
  const { stdout, stderr, exitCode } = await chap(args, { spool })
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'there\n', stderr: '', exitCode: 0 })
})
