// A group over a real sshd: eight names of one server, and one that is not there, which keeps nobody else.
import { appendFileSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'ssh', 'sshd')

test('eight hosts and a wrong one: what each wrote, and who was refused', async () => {
  const sshd = await startSshd()
  const spool = await makeSpool()
  try {
    const config = `${spool.root}/ssh_config`
    const names = Array.from({ length: 8 }, (_, n) => `web${n + 1}`)
    const own = readFileSync(sshd.sshConfig, 'utf8')
    // The first value that ssh finds counts: db1 has its own list of known hosts, which is empty.
    appendFileSync(config, 'Host db1\n  UserKnownHostsFile /dev/null\n  GlobalKnownHostsFile /dev/null\n')
    appendFileSync(config, own.replace(/^Host .*$/m, `Host ${names.join(' ')} db1`))
    const remote = ['-F', config, '--remote-dir', `${spool.root}/remote`]
    const command = 'echo $CHAP_HOST; test $CHAP_HOST != web3'
    const { stdout, stderr, exitCode } = await chap(['run', ...remote, '--host', 'web[1-8],db1', '-c', command], {
      spool,
    })
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual(names.map((name) => `${name} | ${name}`))
    expect(stderr).toContain('7 ok, 1 failed (exit 1: web3), 1 refused (host key: db1)')
    expect(exitCode).toBe(125)
  } finally {
    await cleanUp(spool)
    await sshd.stop()
  }
}, 60_000)
