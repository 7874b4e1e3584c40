/** `--log-file`: many jobs, one file, whole lines, each once: also when chaperones are killed, the file is renamed, or can't be written. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap } from '../rig/chap.ts'
import { localDraft, makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

let spool: Spool
let file: string

beforeEach(async () => {
  spool = await makeSpool()
  file = `${spool.root}/jobs.log`
})
afterEach(() => cleanUp(spool))

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (\S+) ([a-z0-9]+) (stdout|stderr) \| (.*)$/

const read = (path = file): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The lines of each job and stream. @throws when one is torn */
const sortLines = (text: string): Map<string, string[]> => {
  expect(text === '' || text.endsWith('\n')).toBe(true)
  const found = new Map<string, string[]>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, , id, stream, words = ''] = LINE.exec(line) ?? []
    if (id === undefined) throw new Error(`a torn line: ${JSON.stringify(line)}`)
    const key = `${id} ${stream}`
    found.set(key, [...(found.get(key) ?? []), words])
  }
  return found
}

const numbered = (count: number, word = 'line'): string[] =>
  Array.from({ length: count }, (_, at) => `${word} ${at + 1}`)

test('5 jobs in one file: whole lines, in order, complete when the job has ended, with a last line that has no end', async () => {
  const script = "seq -f 'line %.0f' 2000; echo oops >&2; printf 'crlf\\r\\nend'"
  const ids = await Promise.all(
    Array.from({ length: 5 }, async () =>
      (await chap(['start', '--log-file', '../jobs.log', '-c', script], { spool })).stdout.trim(),
    ),
  )
  await chap(['wait', ...ids], { spool })
  const found = sortLines(read())
  expect(found.size).toBe(10)
  for (const id of ids) {
    expect(found.get(`${id} stdout`)).toEqual([...numbered(2000), 'crlf', 'end'])
    expect(found.get(`${id} stderr`)).toEqual(['oops'])
  }
}, 90_000)

testWith('linux')('chaperones are killed again and again while lines come: each line is there once', async () => {
  const script = `for i in $(seq 1 400); do echo "line $i"; sleep 0.01; done`
  const job = makeJob(spool, localDraft(['sh', '-c', script], { logFile: file }))
  for (let kills = 0; kills < 8; kills += 1) {
    const before = read().length
    await job.takeUp()
    await until(() => read().length > before || job.state().state === 'ended', {
      deadline: 20_000,
      what: 'a line more',
    })
    await job.killChaperone()
  }
  await job.takeUp()
  await job.untilLeft()
  expect(sortLines(read()).get(`${job.spec.id} stdout`)).toEqual(numbered(400))
})

test('the file is renamed while lines come: what comes later is in a new one', async () => {
  const script = `echo before; until [ -e ${spool.root}/go ]; do sleep 0.02; done; echo after`
  const job = makeJob(spool, localDraft(['sh', '-c', script], { logFile: file }))
  await job.takeUp()
  await until(() => read().includes('before'), { deadline: 20_000 })
  renameSync(file, `${file}.1`)
  writeFileSync(`${spool.root}/go`, '')
  await job.untilLeft()
  expect(sortLines(read(`${file}.1`)).get(`${job.spec.id} stdout`)).toEqual(['before'])
  expect(sortLines(read()).get(`${job.spec.id} stdout`)).toEqual(['after'])
})

test("a file that can't be written holds up nothing; the log says so, and all lines come when it can be", async () => {
  const deep = `${spool.root}/missing/jobs.log`
  const script = `echo one; echo two; until [ -e ${spool.root}/go ]; do sleep 0.02; done; echo three`
  const job = makeJob(spool, localDraft(['sh', '-c', script], { logFile: deep }))
  await job.takeUp()
  await until(() => job.log().includes("can't be written: ENOENT"), { deadline: 20_000, what: 'words in the log' })
  const card = (await chap(['inspect', job.spec.id], { spool })).stdout
  expect(card).toMatch(/^log file +\/.*\/missing\/jobs\.log can't be written: ENOENT.*\nhint +its lines come/m)
  writeFileSync(`${spool.root}/go`, '')
  await job.untilState('ended')
  mkdirSync(`${spool.root}/missing`)
  await job.untilLeft()
  expect(sortLines(read(deep)).get(`${job.spec.id} stdout`)).toEqual(['one', 'two', 'three'])
  expect(job.log()).toContain('can be written again')
  expect((await chap(['inspect', job.spec.id], { spool })).stdout).toMatch(/^log file +\/.*\/missing\/jobs\.log$/m)
})

testWith('linux', 'sshd')('over ssh as well', async () => {
  const sshd = await startSshd()
  try {
    const script = "seq -f 'line %.0f' 5000; seq -f 'error %.0f' 3000 >&2"
    const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script], { logFile: file }))
    await job.takeUp()
    await job.untilLeft()
    const found = sortLines(read())
    expect(found.get(`${job.spec.id} stdout`)).toEqual(numbered(5000))
    expect(found.get(`${job.spec.id} stderr`)).toEqual(numbered(3000, 'error'))
    expect(read()).toContain(` ${sshd.host} ${job.spec.id} stdout | line 1\n`)
  } finally {
    await sshd.stop()
  }
})
