// Row 28: somebody else owns the spool, may write to it, or has put something in its place or in the remote directory's.
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { makeJob, remoteDir, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { remoteOf, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'root', 'ssh', 'sshd')
const scene = setScene()
const STRANGER = 65_534

/** How a spool becomes unsafe, and what is said then. */
const plants: Readonly<Record<string, readonly [plant: (dir: string) => void, words: string]>> = {
  'belongs to another user': [(dir) => chownSync(dir, STRANGER, STRANGER), 'belongs to another user'],
  'may be written by a group': [(dir) => chmodSync(dir, 0o770), 'others may write'],
  'may be written by anybody': [(dir) => chmodSync(dir, 0o707), 'others may write'],
  'is a symlink': [
    (dir) => {
      renameSync(dir, `${dir}.real`)
      symlinkSync(`${dir}.real`, dir)
    },
    'is not a directory',
  ],
  'is a file': [
    (dir) => {
      renameSync(dir, `${dir}.real`)
      writeFileSync(dir, '')
    },
    'is not a directory',
  ],
}

for (const [what, [plant, words]] of Object.entries(plants))
  for (const place of ['the spool', 'its directory of jobs'])
    test(`${place} ${what}: every command refuses, and writes nothing`, async () => {
      const { spool } = scene
      const id = (await chap(['start', '--', 'true'], { spool })).stdout.trim()
      await chap(['wait', id], { spool })
      plant(place === 'the spool' ? spool.dir : `${spool.dir}/jobs`)
      const commands = [['ls'], ['start', '--', 'true'], ['run', '--', 'true'], ['recover', '--all'], ['prune']]
      for (const command of [
        ...commands,
        ...['attach', 'kill', 'rm', 'logs', 'wait', 'inspect'].map((name) => [name, id]),
      ]) {
        const { exitCode, stdout, stderr } = await chap(command, { spool })
        expect({ command, exitCode, stdout }).toEqual({ command, exitCode: 125, stdout: '' })
        expect(stderr).toContain(words)
      }
    })

test('what chap makes is closed to others', async () => {
  const { spool } = scene
  const { stdout } = await chap(['run', '-e', 'A=b', '--', 'true'], { spool })
  expect(stdout).toBe('')
  const open = readdirSync(spool.dir, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .filter((path) => (statSync(path).mode & 0o077) !== 0)
  expect(open).toEqual([])
})

test("a symlink in a job's place is no job", async () => {
  const { spool } = scene
  const { job, steps } = await startSteps(scene, 1)
  await job.untilLeft()
  const elsewhere = `${spool.root}/elsewhere`
  renameSync(job.paths.dir, elsewhere)
  symlinkSync(elsewhere, job.paths.dir)
  const before = readdirSync(elsewhere)
  expect((await chap(['ls', '-a', '-q'], { spool })).stdout).toBe('')
  for (const command of ['attach', 'logs', 'kill', 'rm', 'inspect', 'recover'])
    expect({ command, exitCode: (await chap([command, job.spec.id], { spool })).exitCode }).toEqual({
      command,
      exitCode: 2,
    })
  expect(readdirSync(elsewhere)).toEqual(before)
  expect(statSync(`${elsewhere}/stdout`).size).toBe(steps.written().stdout.length)
})

/** What stands in the remote directory's place before the first link. */
const traps: Readonly<Record<string, (place: string, elsewhere: string) => void>> = {
  'a symlink': (place, elsewhere) => symlinkSync(elsewhere, place),
  'a file': (place) => writeFileSync(place, ''),
  "somebody else's directory": (place) => {
    mkdirSync(place)
    chownSync(place, STRANGER, STRANGER)
  },
}

const makeFor = (): { job: TestJob; runs: string } => {
  const { sshd, spool } = scene
  const runs = `${spool.root}/runs`
  return { job: makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', `echo begun >>'${runs}'`])), runs }
}

for (const [what, plant] of Object.entries(traps))
  test(`${what} in the remote directory's place: refused, and nothing is written there`, async () => {
    const { spool } = scene
    const { job, runs } = makeFor()
    const elsewhere = `${spool.root}/elsewhere`
    mkdirSync(elsewhere)
    mkdirSync(remoteDir(spool))
    plant(remoteOf(job), elsewhere)
    await job.takeUp()
    const { outcome } = await job.untilLeft()
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'no_directory' })
    expect(() => statSync(runs)).toThrow('ENOENT')
    expect(readdirSync(elsewhere)).toEqual([])
  })
