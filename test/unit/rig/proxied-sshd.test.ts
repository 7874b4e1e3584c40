// ssh through the fault proxy: every fault reaches a real client and a real server.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { execa } from 'execa'
import { afterEach, beforeEach, expect } from 'vitest'
import { testWith } from '../../rig/requires.ts'
import { type ProxiedSshd, startSshd } from '../../rig/sshd.ts'
import { until } from '../../rig/until.ts'

const test = testWith('linux', 'ssh', 'sshd')

let sshd: ProxiedSshd
beforeEach(async () => {
  sshd = await startSshd({ proxied: true })
})
afterEach(() => sshd.stop())

function ssh(command: string, ...options: readonly string[]) {
  const args = ['-F', sshd.sshConfig, ...options, sshd.destination(), command]
  return execa('ssh', args, { reject: false, stdin: 'ignore', encoding: 'buffer', maxBuffer: 2 ** 30 })
}

const textOf = ({ stdout }: { readonly stdout: Uint8Array }) => Buffer.from(stdout).toString()

test('passes much data unchanged', async () => {
  const { stdout, exitCode } = await ssh('head -c 33554432 /dev/zero')
  expect(exitCode).toBe(0)
  expect(createHash('sha256').update(stdout).digest('hex')).toBe(
    createHash('sha256').update(Buffer.alloc(33_554_432)).digest('hex'),
  )
  expect(sshd.proxy.bytes.down).toBeGreaterThan(33_554_432)
})

test('a reset ends the client, and the server frees the connection', async () => {
  const client = ssh('echo up; exec cat /dev/zero')
  await once(client.stdout, 'data')
  sshd.proxy.reset()
  expect(await client).toMatchObject({ exitCode: 255 })
  await until(() => sshd.sessionPids().length === 0, { deadline: 5_000, what: 'no connection on the server' })
})

test('a FIN ends the client', async () => {
  const client = ssh('echo up; exec sleep 1000')
  await once(client.stdout, 'data')
  sshd.proxy.finish()
  expect(await client).toMatchObject({ exitCode: 255 })
})

test('a black hole ends a client that asks for signs of life, and no other', async () => {
  const patient = ssh('echo up; exec sleep 1000')
  const asking = ssh('echo up; exec sleep 1000', '-oServerAliveInterval=1', '-oServerAliveCountMax=1')
  await Promise.all([once(patient.stdout, 'data'), once(asking.stdout, 'data')])
  sshd.proxy.hole()
  expect(await asking).toMatchObject({ exitCode: 255 })
  expect(patient.exitCode).toBe(null)
  patient.kill()
  await patient
})

test('a healed hole loses nothing', async () => {
  const client = ssh('for n in 1 2 3 4 5 6 7 8 9; do echo $n; sleep 0.02; done')
  await once(client.stdout, 'data')
  sshd.proxy.hole()
  const late = ssh('echo late')
  await until(() => sshd.proxy.accepted === 2, { deadline: 5_000, what: 'a connection into the hole' })
  sshd.proxy.heal()
  expect(textOf(await client)).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9')
  expect(textOf(await late)).toBe('late')
})

test('a cut in the handshake fails the first connection, and not the next', async () => {
  const cut = sshd.proxy.cutAfter(500, 'up')
  expect(await ssh('true')).toMatchObject({ exitCode: 255 })
  expect(await cut).toBe(true)
  expect(sshd.proxy.bytes.up).toBe(500)
  expect(await ssh('true')).toMatchObject({ exitCode: 0 })
})
