// The real world of a chaperone whose job was removed, and in whose place another job lies.
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { realWorld } from '../../../src/chaperone/real-world.ts'
import { putRequest } from '../../../src/spool/requests.ts'
import { localDraft, makeJob } from '../../rig/job.ts'
import { makeEndedJob } from '../../rig/records.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

test('it neither takes nor answers what the other one is asked, nor writes its state', () => {
  const { spec, paths, state } = makeJob(spool, localDraft(['true']))
  const telling = { tell: () => undefined, tellOnExit: () => undefined, tellDelivery: () => undefined }
  let isOurs = true
  const world = realWorld(
    spec,
    paths,
    () => isOurs,
    {},
    null,
    telling,
    () => undefined,
  )
  const by = { user: 'rig', host: 'rig', pid: 1 }
  putRequest(paths, { id: 'r1', time: new Date().toISOString(), by, kind: 'signal', signal: 'SIGUSR1' })
  expect(world.readRequests()).toHaveLength(1)
  isOurs = false
  expect(world.readRequests()).toEqual([])
  expect(world.answer('r1', 'accepted')).toBe('superseded')
  expect(existsSync(`${paths.requests}/r1.answer`)).toBe(false)
  const before = state()
  expect(world.save(makeEndedJob(0))).toBe('superseded')
  expect(state()).toEqual(before)
})
