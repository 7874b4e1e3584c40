// --max-output: a command that writes more is ended where it runs, whatever becomes of the link, and everybody is told why.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { type ChapResult, chap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { remoteOf, setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

/** Ten thousand bytes, and then none. */
const SCRIPT = 'head -c 10000 /dev/zero; exec sleep 600'

const call = (...words: readonly string[]): Promise<ChapResult> => chap(words, { spool: scene.spool })

describe('more than it may', () => {
  test('over ssh: 124, and every command says why', async () => {
    const there = ['-F', scene.sshd.sshConfig, '--remote-dir', `${scene.spool.root}/remote`, 'rig']
    const ran = await call('run', '--max-output', '9k', '--on-max-output', 'kill', ...there, '-c', SCRIPT)
    expect(ran).toMatchObject({ exitCode: 124, stdout: '\0'.repeat(10_000) })
    expect(ran.stderr).toMatch(/^chap: \w+ wrote more than 9.0K: killed by SIGTERM\n$/)
    const seen = JSON.parse((await call('inspect', 'last', '--json')).stdout)
    const said = { ended_by: 'max_output', exit_status: 124, outcome: { kind: 'signaled', signal: 'SIGTERM' } }
    expect(seen).toMatchObject({ ...said, max_output: 9_216, stdout: { size: 10_000 } })
    const card = (await call('inspect', 'last')).stdout
    expect(card).toMatch(/limits +9.0K of output\n/)
    expect(card).toMatch(/outcome +killed by SIGTERM: wrote more than 9.0K\n/)
    expect((await call('wait', 'last')).exitCode).toBe(124)
    expect((await call('ls')).stdout).toContain('\tover limit\tSIGTERM\t')
    expect((await call('ls', '-aq', '--filter', 'state=over-limit')).stdout).toContain(seen.id)
    expect((await call('history')).stdout).toContain('max_output: SIGTERM')
    expect(readFileSync(`${seen.directory}/events`, 'utf8')).toContain('"ended_by":"max_output"')
  })

  test('while the link is cut: the record waits, and all of the output comes', async () => {
    const limits = {
      giveUpAfter: null,
      timeout: null,
      idleTimeout: null,
      maxOutput: 9_999,
      onMaxOutput: 'kill',
      grace: 10,
    } as const
    const script = `echo up; until [ -e go ]; do sleep 0.05; done; ${SCRIPT}`
    const change = { keepalive: { interval: 1, count: 2 }, cwd: scene.spool.root, limits }
    const job = makeJob(scene.spool, sshDraft(scene.sshd, scene.spool, ['sh', '-c', script], change))
    await job.takeUp()
    await job.untilState('running')
    scene.sshd.proxy.hole()
    await job.untilState('reconnecting')
    await chap(['run', '--', 'touch', `${scene.spool.root}/go`], { spool: scene.spool })
    await until(() => existsSync(`${remoteOf(job)}/exit`), { deadline: 20_000, what: 'the record on the remote' })
    scene.sshd.proxy.heal()
    await job.untilLeft()
    const written = { stdout: Buffer.concat([Buffer.from('up\n'), Buffer.alloc(10_000)]), stderr: Buffer.alloc(0) }
    expectLawful(job, scene.spool, { outcome: { kind: 'signaled', signal: 'SIGTERM' }, written })
    expect(job.state().ended_by).toBe('max_output')
  })

  test('here', async () => {
    expect((await call('run', '--max-output', '1', '--on-max-output', 'kill', '-c', SCRIPT)).exitCode).toBe(124)
  })
})

test('what nothing could keep is refused', async () => {
  for (const words of [
    ['--plain', 'rig'],
    ['--on-disconnect', 'kill'],
  ]) {
    const { exitCode, stderr } = await call('run', '--max-output', '1M', ...words, '--', 'true')
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('--max-output') })
  }
})
