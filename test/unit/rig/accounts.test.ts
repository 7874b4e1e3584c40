// Every account of the rig logs in through its own shell; nologin is turned away.
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Account, createAccounts, type ShellName } from '../../rig/accounts.ts'
import { requires, testWith } from '../../rig/requires.ts'
import { type Sshd, startSshd } from '../../rig/sshd.ts'

const needs = ['linux', 'root', 'ssh', 'sshd', 'busybox', 'dash', 'bash', 'mksh', 'fish', 'tcsh', 'zsh'] as const
const test = testWith(...needs)

describe('accounts', () => {
  let sshd: Sshd | undefined
  let accounts: Map<ShellName, Account>

  beforeAll(async () => {
    if (requires(...needs) !== undefined) return
    ;[sshd, accounts] = await Promise.all([startSshd(), createAccounts()])
  }, 30_000)
  afterAll(() => sshd?.stop())

  function login(name: ShellName, command: string) {
    const user = accounts.get(name)?.user
    if (sshd === undefined || user === undefined) throw new Error(`no account for ${name}`)
    return execa('ssh', ['-F', sshd.sshConfig, sshd.destination(user), command], { reject: false, stdin: 'ignore' })
  }

  // Each says who runs it. The `:` keeps a shell from becoming its last command.
  const proofs: readonly (readonly [ShellName, string, string | RegExp])[] = [
    ['sh', 'readlink /proc/$$/exe; :', /dash$/],
    ['bash', 'readlink /proc/$$/exe; :', /bash$/],
    ['zsh', 'readlink /proc/$$/exe; :', /zsh$/],
    ['fish', 'readlink /proc/$fish_pid/exe', /fish$/],
    ['tcsh', 'readlink /proc/$$/exe; :', /tcsh$/],
    ['mksh', 'readlink /proc/$$/exe; :', /mksh$/],
    ['busybox', 'readlink /proc/$$/exe; readlink $(which ls)', /busybox\n.*busybox$/],
    ['rbash', 'echo $0; cd / || echo restricted', /rbash\nrestricted$/],
  ]
  for (const [name, command, proof] of proofs) {
    test(`log in through ${name}`, async () => {
      const { stdout, exitCode } = await login(name, command)
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(proof) })
    })
  }

  test('are turned away by nologin', async () => {
    expect(await login('nologin', 'echo in')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('not available'),
    })
  })

  test('are taken as they are when they exist', async () => {
    expect(await createAccounts()).toEqual(accounts)
  })
})
