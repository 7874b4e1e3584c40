// Row 17: no inotify instance, no file descriptor, no process to be had. What can do without does; the rest waits and says so.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import { createAccounts } from '../rig/accounts.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { makeSteps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'
import { setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'root', 'namespaces', 'ssh', 'sshd')
const scene = setScene()
const bin = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))
const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))

/** Longer than a chaperone's rounds. */
const SCARCE_MS = 6_000

/** Changes a limit of a job's chaperone while it runs; the hard limit stays. */
const limit = (job: TestJob, resource: 'nofile' | 'nproc', soft: number): void => {
  const pid = readOwner(job.paths)?.identity.pid ?? 0
  // As its owner, who may always do that.
  const { uid, gid } = statSync(`/proc/${pid}`)
  execFileSync(needProgram('prlimit'), ['--pid', String(pid), `--${resource}=${soft}:`], { uid, gid })
}

const untilLog = (job: TestJob, words: RegExp): Promise<unknown> =>
  until(() => words.test(job.log()), { deadline: 20_000, what: `${words} in the log` })

test('no inotify instance: attach and wait look by themselves', async () => {
  const { job, steps } = await startSteps(scene, 2)
  const without = (command: string) => {
    const script = `echo 0 >/proc/sys/user/max_inotify_instances; exec "$@"`
    const words = ['--user', '--map-root-user', 'sh', '-c', script, 'sh', process.execPath, bin, command, job.spec.id]
    return spawn('unshare', words, { env: scene.spool.env, stdio: ['ignore', 'pipe', 'ignore'] })
  }
  const [attach, wait] = [without('attach'), without('wait')]
  let shown = ''
  attach.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  await until(() => shown === steps.written(1).stdout.toString(), { deadline: 20_000, what: 'the first step' })
  steps.go()
  const statuses = await Promise.all([attach, wait].map(async (child) => (await once(child, 'close'))[0]))
  expect(statuses).toEqual([42, 42])
  expect(shown).toBe(steps.written().stdout.toString())
  await job.untilLeft()
})

test('no file descriptor left, not even for the log: the chaperone stays, and goes on when there are some', async () => {
  const { job, steps } = await startSteps(scene, 2)
  limit(job, 'nofile', 16)
  scene.sshd.proxy.reset()
  job.knock()
  steps.go()
  await pause(SCARCE_MS) // the fault
  limit(job, 'nofile', 1_024)
  await until(() => job.state().link.state === 'closed' || job.knock(), {
    deadline: 30_000,
    what: 'the end',
    every: 200,
  })
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  expect(readdirSync(job.paths.chaperones)).toEqual(['1'])
})

test('fork fails for a new link: it backs off, says so, and goes on when it does not', async () => {
  const { spool, sshd } = scene
  const account = (await createAccounts()).get('sh')
  if (account === undefined) throw new Error('no account')
  const { uid, user } = account
  const key = `${spool.root}/key`
  copyFileSync(`${sshd.dir}/client_key`, key)
  const steps = makeSteps(spool, 2)
  const options = ['-F', `${spool.root}/config`, '-i', key]
  writeFileSync(options[1] ?? '', readFileSync(sshd.sshConfig, 'utf8').replaceAll(`${sshd.dir}/client_key`, key))
  const route = { kind: 'ssh', destination: sshd.host, options, onward: [] } as const
  const job = makeJob(spool, sshDraft(sshd, spool, steps.argv, { route }))
  execFileSync('chown', ['-R', user, spool.root])
  chownSync(spool.root, uid, uid)
  const child = spawn(process.execPath, [chaperone, job.paths.dir], {
    uid,
    gid: uid,
    env: spool.env,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await job.untilState('running')
  limit(job, 'nproc', 1)
  sshd.proxy.reset()
  await untilLog(job, /EAGAIN|fork/)
  steps.go(2)
  limit(job, 'nproc', 10_000)
  await until(() => job.state().link.state === 'closed' || job.knock(), {
    deadline: 30_000,
    what: 'the end',
    every: 200,
  })
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  expect(child.exitCode).toBe(0)
})
