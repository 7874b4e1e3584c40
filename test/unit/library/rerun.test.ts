/** What can be started again, as it was asked. */
import { expect, test } from 'vitest'
import { redraft } from '../../../src/library/rerun.ts'
import { surroundingsOf } from '../../../src/library/surroundings.ts'
import { jobPaths } from '../../../src/spool/layout.ts'
import { localDraft } from '../../rig/job.ts'

const redraftWith = (url: string | null) => {
  const callback =
    url === null
      ? null
      : { url, method: 'POST', ca: null, retryFrequency: 10, timeout: 60, outputBuffer: 1, outputLatency: 1 }
  const spec = { ...localDraft(['true'], { callback }), id: 'k3f9', nonce: 'n' }
  const view = {
    id: 'k3f9',
    spec: { ok: true, value: spec },
    paths: jobPaths('/nowhere', 'k3f9'),
    verdict: 'ended',
  } as const
  return redraft(surroundingsOf({}), view, { env: {}, callbackToken: 'secret' })
}

test('one that calls back at a URL of its own is refused: other bytes at the same offsets would be dropped', () => {
  expect(redraftWith('http://sched/jobs/7')).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('k3f9 calls back at a URL of its own'),
    hint: expect.stringContaining('{id}'),
  })
  expect(redraftWith('http://sched/jobs/{id}')).toMatchObject({ draft: { rerunOf: 'k3f9', callbackToken: 'secret' } })
  expect(redraftWith(null)).toMatchObject({ draft: { rerunOf: 'k3f9', callback: null } })
})
