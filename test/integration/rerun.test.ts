// chap rerun, as a person and as a program calls it: the same command in a new job, which says whose it is.
import { readFileSync, writeFileSync } from 'node:fs'
import { rerun, start, wait } from 'chap-jobs'
import { afterAll, beforeAll, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { enterSpool, good } from '../rig/library.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'

const test = testWith('linux')
let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

const run = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await chap(args, { spool })
  expect(exitCode, stderr).toBe(0)
  return stdout
}

const documentOf = async (id: string) => JSON.parse(await run('inspect', '--json', id)) as Record<string, unknown>

test('all is as it was asked, also the stdin that was read; the new job names the old one', async () => {
  const file = `${spool.root}/input`
  writeFileSync(file, 'as it was\n')
  const asked = ['start', '-n', 'copy', '-l', 'team=ml', '--timeout', '50s', '--stdin', file, '--', 'cat']
  const first = (await run(...asked)).trim()
  await chap(['wait', first], { spool })
  writeFileSync(file, 'changed\n')
  const second = (await run('rerun', '--id-file', `${spool.root}/id`, first)).trim()
  expect(second).not.toBe(first)
  expect(readFileSync(`${spool.root}/id`, 'utf8')).toBe(`${second}\n`)
  expect(await run('attach', second)).toBe('as it was\n')
  const { program, labels, name, timeout } = await documentOf(first)
  expect(await documentOf(second)).toMatchObject({ id: second, rerun_of: first, program, labels, name, timeout })
  expect(await run('inspect', second)).toMatch(new RegExp(`^rerun of +${first}$`, 'm'))
})

test('values of the environment: taken from a job that goes on, asked for after its end', async () => {
  const ended = good(await start({ program: ['printenv', 'TOKEN'], env: { TOKEN: 'secret', MODE: 'x' } }))
  await wait([ended])
  expect(await chap(['rerun', ended.id], { spool })).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: `chap: ${ended.id} can't be started again without TOKEN, MODE: values of the environment are not kept when a job has ended
hint: give them again: --env TOKEN=... --env MODE=...
`,
  })
  const again = (await run('rerun', '-q', '--env', 'TOKEN=anew', '--env', 'MODE=', ended.id)).trim()
  expect(await run('attach', again)).toBe('anew\n')
  // One of several that can't be: none is started.
  expect((await chap(['rerun', again, 'nobody'], { spool })).stdout).toBe('')

  const going = good(await start({ program: 'printenv TOKEN; exec sleep 1000', env: { TOKEN: 'secret' } }))
  const beside = good(await rerun(going, { env: { MORE: '1' } }))
  expect(beside.spec).toMatchObject({ rerunOf: going.id, env: { TOKEN: 'secret', MORE: '1' } })
  await run('kill', going.id, beside.id)
  expect(readFileSync(beside.paths.stdout, 'utf8')).toBe('secret\n')
})

test('one of a group is a single job; an open stdin is open and empty; several, as JSON', async () => {
  const group = (await run('start', '--host', 'a,b', '--via', 'env H={host}', '--', 'true')).trim()
  await run('wait', group)
  const [member = ''] = (await run('ls', '-a', '-q', '--group', group)).split('\n')
  const open = (await run('start', '--stdin', 'open', '--', 'cat')).trim()
  await run('send', open, '--eof', 'old')
  await run('wait', open)
  const [alone, anew] = JSON.parse(await run('rerun', '--json', member, open)) as { id: string }[]
  expect(await documentOf(alone?.id ?? '')).toMatchObject({ group: null, rerun_of: member })
  await run('send', anew?.id ?? '', '--eof', 'new')
  expect(await run('attach', anew?.id ?? '')).toBe('new\n')
  expect(await chap(['rerun', group], { spool })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`${group} is a group of 2 jobs`),
  })
})

test('a program gets problems as data', async () => {
  expect(await rerun('nobody')).toEqual({ code: 'no_such_job', name: 'nobody' })
  const job = good(await start({ program: ['true'], env: { A: '1' } }))
  await wait([job])
  expect(await rerun(job)).toMatchObject({ code: 'usage', hint: 'give them again: --env A=...' })
})
