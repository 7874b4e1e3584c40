// Row 26: terminals that stop, stall, or go away while they follow a job over ssh. The job does not notice.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { startChap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()
const bin = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))

const BYTES = 30_000_000

test('a stopped attach, one with a full pipe, and one whose reader has left', async () => {
  const { sshd, spool } = scene
  const script = `echo begin; until [ -e '${spool.root}/go' ]; do sleep 0.05; done; head -c ${BYTES} /dev/zero; exit 42`
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script]))
  await job.takeUp()
  const { id } = job.spec
  const stopped = startChap(['attach', id], { spool })
  const piped = () =>
    spawn(process.execPath, [bin, 'attach', id], { env: spool.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stuck, closed] = [piped(), piped()]
  const left = once(closed, 'close')
  let words = ''
  closed.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  await until(() => statSync(job.paths.stdout).size > 0, { deadline: 20_000, what: 'the first bytes' })
  stopped.kill('SIGSTOP')
  await once(closed.stdout, 'data')
  closed.stdout.destroy()
  writeFileSync(`${spool.root}/go`, '')
  const state = await job.untilLeft()
  const written = { stdout: Buffer.concat([Buffer.from('begin\n'), Buffer.alloc(BYTES)]), stderr: Buffer.alloc(0) }
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written })
  expect(state.link.generation).toBe(1)
  expect((await left)[0]).toBe(141)
  expect(words).toBe('')
  stopped.kill('SIGCONT')
  const late = await stopped.result
  expect([late.exitCode, late.stdoutBytes.equals(written.stdout)]).toEqual([42, true])
  const chunks: Buffer[] = []
  for await (const chunk of stuck.stdout) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).equals(written.stdout)).toBe(true)
})
