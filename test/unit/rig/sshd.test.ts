// The rig's sshd is a real one: it runs commands, loses connections on command, and leaves nothing behind.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { afterEach, beforeEach, expect } from 'vitest'
import { findByEnvironment } from '../../rig/processes.ts'
import { testWith } from '../../rig/requires.ts'
import { type Sshd, startSshd } from '../../rig/sshd.ts'
import { rigVariable } from '../../rig/sshd-files.ts'
import { untilSeen } from '../../rig/until.ts'

const test = testWith('linux', 'ssh', 'sshd')

let sshd: Sshd
beforeEach(async () => {
  sshd = await startSshd()
})
afterEach(() => sshd.stop())

function ssh(command: string) {
  return execa('ssh', ['-F', sshd.sshConfig, sshd.destination(), command], { reject: false, stdin: 'ignore' })
}

/** An ssh whose remote command is certainly running, and runs on. */
async function startEndless() {
  const client = ssh('echo up; exec sleep 1000')
  await once(client.stdout, 'data')
  // Not the client itself: it is a promise, and would be waited for.
  return { client }
}

test('runs a command and passes its status', async () => {
  expect(await ssh('echo hi; exit 7')).toMatchObject({ stdout: 'hi', stderr: '', exitCode: 7 })
})

test('marks what runs through it', async () => {
  expect((await ssh(`echo $${rigVariable}`)).stdout).toBe(sshd.dir)
})

test('ends its connections when told, and only them', async () => {
  expect(sshd.sessionPids()).toEqual([])
  const { client } = await startEndless()
  expect(sshd.sessionPids()).not.toEqual([])
  await sshd.killSessions()
  expect(await client).toMatchObject({ exitCode: 255 })
  expect(sshd.sessionPids()).toEqual([])
  expect(findByEnvironment(rigVariable, sshd.dir).map(({ argv }) => argv)).toEqual([['sleep', '1000']])
  expect((await ssh('echo again')).stdout).toBe('again')
})

test('stops listening without ending connections, and remembers those', async () => {
  const { client } = await startEndless()
  const pids = sshd.sessionPids()
  await sshd.stopListening()
  expect(sshd.sessionPids()).toEqual(pids)
  expect(await ssh('true')).toMatchObject({ exitCode: 255, stderr: expect.stringContaining('Connection refused') })
  await sshd.restart()
  expect((await ssh('echo back')).stdout).toBe('back')
  // The one that has just ended may not be reaped yet.
  await untilSeen(
    () => sshd.sessionPids(),
    (seen) => seen.length === pids.length,
    { deadline: 5_000 },
  )
  await sshd.killSessions()
  expect(await client).toMatchObject({ exitCode: 255 })
})

test('takes configuration lines that win over its own', async () => {
  const other = await startSshd({ config: ['MaxSessions 0'], host: 'other' })
  try {
    const refused = await execa('ssh', ['-F', other.sshConfig, 'other', 'true'], { reject: false, stdin: 'ignore' })
    expect(refused).toMatchObject({ exitCode: 255 })
  } finally {
    await other.stop()
  }
})

test('leaves nothing behind', async () => {
  const { client } = await startEndless()
  await sshd.stop()
  await client
  expect(findByEnvironment(rigVariable, sshd.dir)).toEqual([])
  expect(existsSync(sshd.dir)).toBe(false)
})
