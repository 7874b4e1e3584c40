// The terminal that started a job goes away: closed, hung up, or never there.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'tmux')
const program = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))

let spool: Spool
let tmux: (...args: readonly string[]) => string

beforeEach(async () => {
  spool = await makeSpool()
  const socket = `${spool.root}/tmux`
  tmux = (...args) =>
    execFileSync(needProgram('tmux'), ['-S', socket, '-f', '/dev/null', ...args], { env: spool.env, encoding: 'utf8' })
})
afterEach(async () => {
  try {
    tmux('kill-server')
  } catch {
    // Its last pane was closed, and the server with it.
  }
  await cleanUp(spool)
})

const jobs = (): string[] => readdirSync(`${spool.dir}/jobs`).filter((name) => !name.startsWith('.'))

/** Waits for the file that the command writes to when it is told to go on. */
const script = (root: string): string => `echo up; until [ -e ${root}/go ]; do sleep 0.05; done; echo done; exit 5`

const untilEnded = async (id: string): Promise<void> => {
  execFileSync('touch', [`${spool.root}/go`])
  const ended = await chap(['attach', id], { spool })
  expect(ended).toMatchObject({ stdout: 'up\ndone\n', exitCode: 5 })
}

test('a pane is killed while chap run follows: the job goes on, with all of its output', async () => {
  const command = `exec ${process.execPath} ${program} run -- sh -c '${script(spool.root)}'`
  tmux('new-session', '-d', '-x', '80', '-y', '24', command)
  await until(() => tmux('capture-pane', '-p').includes('up'), {
    deadline: 20_000,
    what: 'the first line on the screen',
  })
  tmux('kill-pane')
  const [id = ''] = jobs()
  await until(() => findByEnvironment('TMUX_PANE', '%0').every(({ argv }) => !argv.includes('run')), {
    deadline: 10_000,
    what: "the end of the pane's chap",
  })
  await untilEnded(id)
})

test('a pane is killed right after chap start has returned', async () => {
  const command = `${process.execPath} ${program} start -- sh -c '${script(spool.root)}'; exec sleep 1000`
  tmux('new-session', '-d', command)
  const id = await until(() => /^([a-z][a-z0-9]{3})$/m.exec(tmux('capture-pane', '-p'))?.[1], {
    deadline: 20_000,
    what: 'the id',
  })
  tmux('kill-pane')
  await untilEnded(id)
})

test('Ctrl-C in chap run detaches, says so, and harms nothing', async () => {
  const command = `${process.execPath} ${program} run -- sh -c '${script(spool.root)}'; echo status $?; exec sleep 1000`
  tmux('new-session', '-d', '-x', '120', '-y', '24', command)
  await until(() => tmux('capture-pane', '-p').includes('up'), {
    deadline: 20_000,
    what: 'the first line on the screen',
  })
  tmux('send-keys', 'C-c')
  const screen = await until(() => /status \d+/.test(tmux('capture-pane', '-p')) && tmux('capture-pane', '-p'), {
    deadline: 10_000,
    what: 'the end of chap run',
  })
  const [id = ''] = jobs()
  expect(screen).toContain(`chap: detached; ${id} goes on`)
  expect(screen).toContain('status 130')
  await untilEnded(id)
})

test('chap start is hung up while it waits: the job is started all the same', async () => {
  const started = startChap(['start', '--', 'sh', '-c', script(spool.root)], { spool })
  await until(() => jobs().length === 1 && readFileSync(`${spool.dir}/jobs/${jobs()[0]}/log`, 'utf8') !== '', {
    deadline: 10_000,
    what: 'a chaperone',
  })
  started.kill('SIGHUP')
  await started.result
  await untilEnded(jobs()[0] ?? '')
})

test('Ctrl-C ends chap wait, and what it showed of its progress is gone', async () => {
  for (const name of ['a', 'b']) await chap(['start', '--name', name, '--', 'sh', '-c', script(spool.root)], { spool })
  // A shell goes with a program that Ctrl-C ended, but for a trap.
  const command = `trap : INT; ${process.execPath} ${program} wait a b; echo status $?; exec sleep 1000`
  tmux('new-session', '-d', '-x', '120', '-y', '24', command)
  await until(() => tmux('capture-pane', '-p').includes('0/2 done, 2 running'), {
    deadline: 20_000,
    what: 'its progress',
  })
  tmux('send-keys', 'C-c')
  const screen = await until(() => /status \d+/.test(tmux('capture-pane', '-p')) && tmux('capture-pane', '-p'), {
    deadline: 10_000,
    what: 'the end of chap wait',
  })
  expect(screen).toContain('status 130')
  expect(screen).not.toContain('done,')
  execFileSync('touch', [`${spool.root}/go`])
  expect(await chap(['wait', 'a', 'b'], { spool })).toMatchObject({ exitCode: 5 })
})
