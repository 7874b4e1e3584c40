// A job that another version's launcher runs: its text lies in the remote's directory, and its supervisor lives. This version takes it up,
// and the other way round.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { buildVersion, type OtherVersion } from '../rig/other-version.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'sshd', 'ssh')

/** As it was before a link had to have the directory prepared, and went away from it without a look back. */
const OLDER = [
  { file: 'transport/launcher.sh', from: 'umask 077\n', to: 'umask 077\nchap_version=0.0.7\n' },
  { file: 'transport/launcher.sh', from: 'if chap_forsake; then :', to: 'if false; then :' },
  { file: 'transport/launcher.sh', from: '      prepare)\n', to: '      unheard_of)\n' },
  {
    file: 'domain/reporting.ts',
    from: "? next(job, { type: 'prepare' })",
    to: "? next({ ...job, prepared: true }, { type: 'save' }, { type: 'launch' })",
  },
]

let sshd: Sshd
let other: OtherVersion
let spool: Spool
beforeAll(async () => {
  ;[sshd, other] = await Promise.all([startSshd(), buildVersion('0.0.7', OLDER)])
})
afterAll(async () => {
  other.remove()
  await sshd.stop()
})
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const SCRIPT =
  'echo begun >>runs; echo out; echo err >&2; until [ -e go ]; do sleep 0.05; done; echo more; echo fin >&2; exit 7'

const ways: Readonly<Record<string, () => TestJob>> = {
  'over ssh': () => makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', SCRIPT], { cwd: spool.root, lease: 600 })),
  here: () => makeJob(spool, localDraft(['sh', '-c', SCRIPT], { cwd: spool.root })),
}

const launcherOf = ({ paths, spec }: TestJob): string => {
  const root = spec.route.kind === 'local' ? paths.launcher : `${spec.remoteDir}`
  return readFileSync(`${root}/${spec.id}-${spec.nonce}/launcher`, 'utf8')
}

/** Begun under one chaperone, and ended under the next, which resumes the output. */
const handOver = async (job: TestJob, first: string | undefined, next: string | undefined): Promise<void> => {
  await job.takeUp(first)
  await until(() => statSync(job.paths.stderr).size > 0, { deadline: 20_000, what: 'the first lines' })
  expect(launcherOf(job).includes('chap_version=0.0.7')).toBe(first === other.chaperone)
  await job.killChaperone()
  await job.takeUp(next)
  await until(() => job.state().link.generation === 2 && job.state().state === 'running', {
    deadline: 20_000,
    what: 'the second link',
  })
  expect(launcherOf(job).includes('chap_version=0.0.7')).toBe(first === other.chaperone)
  writeFileSync(`${spool.root}/go`, '')
  await job.untilLeft()
  const written = { stdout: Buffer.from('out\nmore\n'), stderr: Buffer.from('err\nfin\n') }
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 7 }, written, runs: `${spool.root}/runs` })
}

describe.each(Object.keys(ways))('a job %s', (way) => {
  const make = (): TestJob => (ways[way] as () => TestJob)()

  test("launched by an older version's launcher: this version's chaperone carries on", async () => {
    await handOver(make(), other.chaperone, undefined)
  })

  test("launched by this version's launcher: an older version's chaperone carries on", async () => {
    await handOver(make(), undefined, other.chaperone)
  })

  test('killed by this version while an older launcher runs it', async () => {
    const job = make()
    await job.takeUp(other.chaperone)
    await until(() => statSync(job.paths.stderr).size > 0, { deadline: 20_000, what: 'the first lines' })
    await job.killChaperone()
    await job.takeUp()
    job.ask('stop', 'SIGTERM')
    await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'signaled', signal: 'SIGTERM' }, runs: `${spool.root}/runs` })
  })
})
