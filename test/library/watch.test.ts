/** The jobs as they change, from a program. */
import { statSync } from 'node:fs'
import { isProblem, type JobView, kill, remove, start, wait, watch } from 'chap-jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterSpool, good } from '../rig/library.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

test('each list has all jobs, and the same object for one that has not changed', async () => {
  const stop = new AbortController()
  const lists = watch({ signal: stop.signal })
  const next = async (isRight: (views: readonly JobView[]) => boolean): Promise<readonly JobView[]> => {
    for (;;) {
      const { value, done } = await lists.next()
      if (done === true || isProblem(value)) throw new Error(`no more lists: ${JSON.stringify(value)}`)
      if (isRight(value)) return value
    }
  }
  const phaseOf = (view: JobView | undefined): string | undefined =>
    view?.state.ok === true ? view.state.value.job.phase : undefined

  // Of a spool that is not there yet.
  expect(await next(() => true)).toEqual([])
  const [one, two] = [
    good(await start({ program: ['sleep', '100'] })),
    good(await start({ program: ['sh', '-c', 'echo hi; exec sleep 100'] })),
  ]
  const both = await next(
    (views) => views.length === 2 && views.every((view) => phaseOf(view) === 'running') && views[1]?.id === one.id,
  )
  good(await kill(two))
  const after = await next(([newest]) => phaseOf(newest) === 'ended')
  expect(after.map(({ id }) => id)).toEqual([two.id, one.id])
  expect(phaseOf(both[0])).toBe('running')
  expect(after[1]).toBe(both[1])
  await wait([two])
  good(await remove(two))
  expect((await next((views) => views.length === 1))[0]?.id).toBe(one.id)
  stop.abort()
  expect(await lists.next()).toEqual({ value: undefined, done: true })
})

test('jobs that were over before are left out', async () => {
  const job = good(await start({ program: ['true'] }))
  // Until its host is done with it, it may change.
  await until(() => (statSync(job.paths.state).mode & 0o200) === 0, { deadline: 10_000, what: 'the last state' })
  const [old, all] = [watch({ since: Date.now() + 1000 }), watch()]
  const idsOf = async (lists: typeof all): Promise<string[]> => {
    const { value } = await lists.next()
    await lists.return()
    return good(value ?? []).map(({ id }) => id)
  }
  expect(await idsOf(all)).toContain(job.id)
  expect(await idsOf(old)).not.toContain(job.id)
})
