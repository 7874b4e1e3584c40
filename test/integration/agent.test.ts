// chap agent: a job whose chaperone is in the foreground, passes signals on, ends as the program does, and may be killed.
import { existsSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { chap, program as chapProgram, type RunningChap, startChap } from '../rig/chap.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { startReceiver, TOKEN } from '../rig/receiver.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux')
let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** Ids of this file alone: what belongs to a job is ended by its id. */
const agentOf = (document: unknown): RunningChap => startChap(['agent'], { spool, input: JSON.stringify(document) })
const untilBegun = async (agent: RunningChap) => {
  await until(() => agent.said().endsWith('\n'), { deadline: 20_000, what: 'the state document' })
  return JSON.parse(agent.said())
}
const isEnded = (id: string): boolean =>
  JSON.parse(readFileSync(jobPaths(spool.dir, id).state, 'utf8')).state === 'ended'
const outputOf = (id: string): string => readFileSync(jobPaths(spool.dir, id).stdout, 'utf8')
const program = (command: string) => ({ program: { command, cwd: spool.home } })

test('it is the chaperone, prints the state once, and exits as the program does', async () => {
  const document7 = { id: 'agent7', ...program('echo out; until [ -e gate ]; do sleep 0.05; done; exit 7') }
  const agent = agentOf(document7)
  const document = await untilBegun(agent)
  expect(document).toMatchObject({ id: 'agent7', state: 'running', chaperone_pid: agent.pid, verdict: 'attended' })
  expect(readOwner(jobPaths(spool.dir, 'agent7'))?.identity.pid).toBe(agent.pid)
  // Others see it as any job, and don't take it from its chaperone.
  expect((await chap(['recover', 'agent7'], { spool })).exitCode).toBe(0)
  const second = agentOf(document7)
  expect(await untilBegun(second)).toMatchObject({ id: 'agent7', pid: document.pid, chaperone_pid: agent.pid })
  await chap(['start', '--', 'touch', join(spool.home, 'gate')], { spool })
  const { exitCode, stdout, stderr } = await agent.result
  expect({ exitCode, stderr, lines: stdout.split('\n').length }).toEqual({ exitCode: 7, stderr: '', lines: 2 })
  expect((await second.result).exitCode).toBe(7)
  const later = await agentOf(document7).result
  expect({ ...JSON.parse(later.stdout), exitCode: later.exitCode }).toMatchObject({ exitCode: 7, state: 'ended' })
  expect(outputOf('agent7')).toBe('out\n')
  expect(existsSync(jobPaths(spool.dir, 'agent7').launcher)).toBe(false)
})

test('SIGTERM and SIGINT go to the program, and SIGKILL behind its grace; SIGHUP does not', async () => {
  const polite = agentOf({
    id: 'agent1',
    ...program("trap 'echo term; exit 5' TERM; echo on; while :; do sleep 0.05; done"),
  })
  const deaf = agentOf({
    id: 'agent2',
    ...program("trap '' TERM INT; echo on; while :; do sleep 0.05; done"),
    timers: { grace: 0 },
  })
  const plain = agentOf({ id: 'agent3', ...program('echo on; exec sleep 100') })
  await Promise.all([polite, deaf, plain].map(untilBegun))
  await until(() => ['agent1', 'agent2', 'agent3'].every((id) => outputOf(id) === 'on\n'), {
    deadline: 10_000,
    what: 'all on',
  })
  polite.kill('SIGHUP')
  polite.kill('SIGTERM')
  deaf.kill('SIGTERM')
  plain.kill('SIGINT')
  expect(await polite.result).toMatchObject({ exitCode: 5 })
  expect(outputOf('agent1')).toBe('on\nterm\n')
  expect(await deaf.result).toMatchObject({ exitCode: 137 })
  expect(await plain.result).toMatchObject({ exitCode: 130 })
  const { stdout } = await chap(['inspect', '--json', 'agent1'], { spool })
  expect(JSON.parse(stdout)).toMatchObject({ intent: { signal: 'SIGTERM', by: { pid: polite.pid } } })
})

test('one that was killed leaves a job that goes on, and the same document takes it up again', async () => {
  const document = { id: 'agent7', ...program('echo begun; until [ -e gate ]; do sleep 0.05; done; exit 3') }
  const first = agentOf(document)
  const { pid } = await untilBegun(first)
  first.kill('SIGKILL')
  expect((await first.result).signal).toBe('SIGKILL')
  expect(findByEnvironment('CHAP_JOB_ID', 'agent7').map((one) => one.pid)).toContain(pid)
  const second = agentOf(document)
  expect(await untilBegun(second)).toMatchObject({ id: 'agent7', pid, chaperones: 2, chaperone_pid: second.pid })
  second.kill('SIGKILL')
  await second.result
  const third = await chap(['recover', 'agent7'], { spool })
  expect(third.exitCode).toBe(0)
  await chap(['start', '--', 'touch', join(spool.home, 'gate')], { spool })
  expect((await chap(['wait', 'agent7'], { spool })).exitCode).toBe(3)
  expect(outputOf('agent7')).toBe('begun\n')
})

test('once the program has ended SIGTERM ends the agent, and what its receiver did not get is kept', async () => {
  const receiver = await startReceiver(join(spool.root, 'received'))
  await receiver.down()
  try {
    const callback = { url: receiver.url, token: TOKEN }
    const agent = agentOf({ id: 'agent8', ...program('echo out; exit 4'), callback })
    const { callback: record } = jobPaths(spool.dir, 'agent8')
    await untilBegun(agent)
    expect((await chap(['wait', 'agent8'], { spool })).exitCode).toBe(4)
    await until(() => existsSync(record), { deadline: 20_000, what: 'a try that came to nothing' })
    agent.kill('SIGTERM')
    const { exitCode, stderr } = await agent.result
    expect({ exitCode, lines: stderr.split('\n') }).toEqual({
      exitCode: 4,
      lines: [expect.stringMatching(/^chap: SIGTERM: agent8 has ended/), 'hint: chap recover agent8 does it', ''],
    })
    await receiver.up()
    expect((await chap(['deliver', 'agent8'], { spool })).exitCode).toBe(0)
    expect(receiver.has('agent8')).toMatchObject({ stdout: 'out\n', completed: { return_code: 4 } })
  } finally {
    await receiver.down()
  }
})

test('one that still reads its document ends by a signal', async () => {
  const fifo = join(spool.home, 'document')
  await execa('mkfifo', [fifo])
  const agent = startChap(['agent', fifo], { spool })
  // Opened for writing when it is being read.
  const writing = await open(fifo, 'w')
  agent.kill('SIGTERM')
  expect((await agent.result).signal).toBe('SIGTERM')
  await writing.close()
})

test('one that was killed when only its callback was left is followed by one that delivers it', async () => {
  const receiver = await startReceiver(join(spool.root, 'received'))
  await receiver.down()
  try {
    const document = {
      id: 'agentleft',
      ...program('echo out; exit 3'),
      callback: { url: receiver.url, token: TOKEN },
    }
    const paths = jobPaths(spool.dir, 'agentleft')
    const first = agentOf(document)
    await until(() => readFileSync(paths.callback, 'utf8').includes('unreachable') && isEnded('agentleft'), {
      deadline: 20_000,
      what: 'an ended job with a receiver that is down',
    })
    first.kill('SIGKILL')
    await first.result
    await receiver.up()
    const second = await agentOf(document).result
    expect(second.exitCode).toBe(3)
    expect(JSON.parse(second.stdout)).toMatchObject({ id: 'agentleft', state: 'ended' })
    expect(receiver.has('agentleft')).toMatchObject({ stdout: 'out\n', completed: { exit_status: 3 } })
    // Nothing is left: nobody takes it up any more.
    expect((await agentOf(document).result).exitCode).toBe(3)
    expect(readOwner(paths)?.number).toBe(2)
  } finally {
    await receiver.down()
  }
}, 60_000)

test('a document for another machine, or none, is refused', async () => {
  const { exitCode, stderr, stdout } = await agentOf({ host: 'gpu1', program: { argv: ['true'] } }).result
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('the document names the host gpu1')
  expect((await agentOf({ program: {} }).result).exitCode).toBe(2)
  expect(await agentOf({ host: 'localhost', program: { argv: ['sh', '-c', 'exit 6'] } }).result).toMatchObject({
    exitCode: 6,
  })
})

testWith(
  'linux',
  'ssh',
  'sshd',
)('over ssh, with a callback: the strategy that needs nothing but a receiver', async () => {
  const sshd = await startSshd()
  const receiver = await startReceiver(join(spool.root, 'received'))
  try {
    const document = {
      id: 'agentcall',
      ...program('echo out; echo err >&2; exit 9'),
      callback: { url: receiver.url, token: TOKEN },
      config: { output_latency: 0.1 },
    }
    const remote = `CHAP_SPOOL='${spool.dir}' exec '${process.execPath}' '${chapProgram}' agent`
    const { exitCode, stdout } = await execa('ssh', ['-F', sshd.sshConfig, sshd.host, remote], {
      input: JSON.stringify(document),
      reject: false,
    })
    expect(exitCode).toBe(9)
    expect(JSON.parse(stdout)).toMatchObject({ id: 'agentcall', state: 'running' })
    // It ends when all is delivered.
    expect(receiver.has('agentcall')).toMatchObject({
      ...{ stdout: 'out\n', stderr: 'err\n' },
      completed: { id: 'agentcall', return_code: 9, state: 'ended' },
    })
  } finally {
    await receiver.down()
    await sshd.stop()
  }
})
