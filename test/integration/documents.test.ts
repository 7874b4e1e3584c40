// Jobs by document: what is printed, what is refused, and one job for one id, whoever asks and whoever is killed.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobPaths } from '../../src/spool/layout.ts'
import { type ChapResult, chap } from '../rig/chap.ts'
import { pickPort } from '../rig/ports.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const startBy = (document: unknown, ...options: readonly string[]): Promise<ChapResult> =>
  chap(['start', '--spec', '-', ...options], {
    spool,
    input: typeof document === 'string' ? document : JSON.stringify(document),
  })
const started = async (document: unknown, ...options: readonly string[]) => {
  const { stdout, stderr, exitCode } = await startBy(document, ...options)
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  return JSON.parse(stdout)
}
const run = (...args: readonly string[]): Promise<ChapResult> => chap(args, { spool })
const jobs = (): string[] => (existsSync(spool.dir) ? readdirSync(join(spool.dir, 'jobs')).toSorted() : [])

const TOKEN = 'kHJBeIu1r0Xhb9y0'
const holds = (path: string, text: string): boolean =>
  statSync(path).isFile() && readFileSync(path, 'utf8').includes(text)

const testReal = testWith('linux')

testReal('a host that can not be reached: the state says so, and the job waits', async () => {
  const port = await pickPort()
  const route = { ssh_config: 'none', port, connect_timeout: 5 }
  const document = { id: 'docs6', host: '127.0.0.1', route, program: { argv: ['true'] }, policy: { lease: 60 } }
  const state = await started(document, '--wait-started', '1s')
  expect(state).toMatchObject({
    id: 'docs6',
    state: 'launching',
    pid: null,
    lease: 60,
    link: { fault: { code: 'refused' } },
  })
  expect(await started(document, '--no-wait')).toMatchObject({ id: 'docs6', created: state.created })
  expect((await run('kill', 'docs6')).exitCode).toBe(0)
  // Its end is the answer, too.
  const { stdout, exitCode } = await startBy(document)
  expect({ ...JSON.parse(stdout), exitCode }).toMatchObject({
    exitCode: 125,
    outcome: { kind: 'refused', reason: 'stopped' },
  })
})

testReal('a document is a job; its state is printed once, as inspect has it', async () => {
  writeFileSync(
    join(spool.home, 'program.json'),
    JSON.stringify({
      name: 'train',
      labels: { project: 'demo' },
      program: {
        command: 'cat; echo "$A $B" >&2; env; exit 3',
        cwd: spool.root,
        env: { A: 'set', HOME: null },
        inherit: ['PATH', 'HOME'],
        stdin: 'in\n',
      },
      timers: { timeout: 60, grace: 1.5 },
      callback: { url: 'http://127.0.0.1:9/{id}', token: TOKEN },
      config: { timeout: 1 },
    }),
  )
  const { stdout, stderr, exitCode } = await run('start', '--spec', 'program.json', '--id-file', 'id')
  expect({ stderr, exitCode, lines: stdout.split('\n').length }).toEqual({ stderr: '', exitCode: 0, lines: 2 })
  const document = JSON.parse(stdout)
  const { id } = document
  expect(document).toMatchObject({
    ...{ name: 'train', labels: { project: 'demo' }, host: null, state: expect.stringMatching(/^(running|ended)$/) },
    ...{ timeout: 60, grace: 2, pid: expect.any(Number), start_time: expect.any(String) },
    program: {
      argv: null,
      cwd: spool.root,
      env: { A: '***' },
      inherit: ['PATH', 'HOME'],
      unset: ['HOME'],
      stdin: 'stdin',
    },
  })
  for (const field of ['exception', 'status', 'return_code', 'signal', 'rusage', 'end_time', 'chaperone_pid'])
    expect(document).toHaveProperty(field)
  expect(readFileSync(join(spool.home, 'id'), 'utf8')).toBe(`${id}\n`)
  expect((await run('wait', id)).exitCode).toBe(3)
  const [first, ...env] = readFileSync(jobPaths(spool.dir, id).stdout, 'utf8').trimEnd().split('\n')
  expect(first).toBe('in')
  expect(
    env
      .map((line) => line.split('=')[0])
      .filter((name) => !/^(CHAP_|PWD|OLDPWD|SHLVL|_)/.test(name ?? ''))
      .toSorted(),
  ).toEqual(['A', 'PATH'])
  expect(readFileSync(jobPaths(spool.dir, id).stderr, 'utf8')).toBe('set \n')
  expect(stdout + (await run('inspect', '--json', id)).stdout).not.toContain(TOKEN)
  const holders = readdirSync(spool.dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    holds(join(spool.dir, name), TOKEN),
  )
  expect(holders.filter((name) => name !== relative(spool.dir, jobPaths(spool.dir, id).callbackToken))).toEqual([])
})

test('what is no such document starts nothing, and says all that is wrong', async () => {
  for (const [document, ...words] of [
    [
      { program: { argv: ['x'], cmd: 1 }, timers: { timeout: 'a' } },
      'program.cmd: expected nothing',
      'timers.timeout: expected a number of seconds, found "a"',
    ],
    ['{"program": {"argv": ["x"]},\n "program": 1}', 'line 2, column 2: program is there twice'],
    ['\u001b[31m', 'line 1, column 1'],
    [{ program: { argv: ['x'] }, policy: { lease: 0.5 } }, 'a lease has at least one second'],
    [{ program: { argv: ['x'] }, name: '-x' }, 'name is one word'],
    [{ program: { argv: ['x'] }, host: '-oProxyCommand=x' }, 'is not a host'],
    [{ program: { argv: ['x'] }, route: { port: 22 } }, 'need a host'],
    [{ program: { argv: ['x'] }, id: 'last' }, 'id is 3 to 32'],
    [
      { program: { argv: ['x'], inherit: false }, host: 'h', route: { plain: true } },
      'route.plain leaves the environment',
    ],
  ] as const) {
    const { stdout, stderr, exitCode } = await startBy(document)
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' })
    for (const word of words) expect(stderr).toContain(word)
    expect(stderr).not.toContain('\u001b')
  }
  expect((await startBy({ program: { argv: ['x'] } }, '--sudo', 'www')).stderr).toContain(
    '--sudo and --spec are two ways',
  )
  expect((await run('start', '--spec', 'missing')).exitCode).toBe(2)
  expect(jobs()).toEqual([])
})

testReal('one id is one job: for ten at once, when it runs, and when it has ended', async () => {
  const ran = join(spool.home, 'ran')
  const document = {
    id: 'docs7',
    program: { command: `echo >>'${ran}'; until [ -e gate ]; do sleep 0.05; done; exit 4`, cwd: spool.home },
  }
  // Others ask for the same in other words.
  const other = `{"program": ${JSON.stringify({ env: {}, ...document.program })}, "policy": null, "id": "docs7"}`
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => started(index % 2 === 0 ? document : other)),
  )
  const known = (answer: Record<string, unknown>) => [answer['id'], answer['created'], answer['state'], answer['pid']]
  for (const answer of answers)
    expect(known(answer)).toEqual([...known(answers[0]).slice(0, 2), 'running', answers[0].pid])
  expect(known(await started(document))).toEqual(known(answers[0]))
  writeFileSync(join(spool.home, 'gate'), '')
  expect((await run('wait', 'docs7')).exitCode).toBe(4)
  expect(await started(document)).toMatchObject({
    id: 'docs7',
    state: 'ended',
    return_code: 4,
    created: answers[0].created,
  })
  expect(jobs()).toEqual(['docs7'])
  expect(readFileSync(ran, 'utf8')).toBe('\n')

  const { stdout, stderr, exitCode } = await startBy({ ...document, labels: { a: 'b' }, timers: { timeout: 9 } })
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  expect(stderr).toContain('there is a job docs7 for which something else was asked: labels, timers.timeout')

  // A job that was removed does not count.
  expect((await run('rm', 'docs7')).exitCode).toBe(0)
  expect((await started(document)).created).not.toEqual(answers[0].created)
  expect((await run('wait', 'docs7')).exitCode).toBe(4)
  expect(readFileSync(ran, 'utf8')).toBe('\n\n')
})

testReal('an id on the command line is the same as in a document; others have theirs', async () => {
  const { stdout } = await run(
    'start',
    '--id',
    'docs1',
    '--name',
    'n',
    '--timeout',
    '1m',
    '-e',
    'A=1',
    '--',
    'sleep',
    '100',
  )
  expect(stdout).toBe('docs1\n')
  const document = {
    id: 'docs1',
    name: 'n',
    timers: { timeout: 60 },
    program: { argv: ['sleep', '100'], env: { A: '1' } },
  }
  expect(await started(document)).toMatchObject({ id: 'docs1', state: 'running' })
  expect((await run('start', '--id', 'docs1', '--name', 'n', '--', 'sleep', '100')).stderr).toContain(
    'else was asked: program.env, timers.timeout',
  )
  const drawn = (await run('start', '--', 'sleep', '100')).stdout.trim()
  expect((await startBy({ ...document, id: drawn })).stderr).toContain(`the id ${drawn} belongs to another job`)
  mkdirSync(join(spool.dir, 'groups', 'docsg'), { recursive: true })
  expect((await startBy({ ...document, id: 'docsg' })).exitCode).toBe(2)
  expect((await run('start', '--id', 'x', '--', 'true')).exitCode).toBe(2)
  expect((await run('start', '--id', 'docs2', '--host', 'a,b', '--', 'true')).stderr).toContain('a group has several')
  await run('kill', '--grace', '0', 'docs1', drawn)
})

test('chap schema prints what is published', async () => {
  expect((await run('schema')).stdout.split('\n')).toEqual(expect.arrayContaining(['program', 'state']))
  expect(JSON.parse((await run('schema', 'program')).stdout)).toMatchObject({ title: 'chap: a job by document' })
  expect((await run('schema', '../../package')).exitCode).toBe(2)
})
