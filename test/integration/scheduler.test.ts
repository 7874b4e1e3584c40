// A scheduler with 200 jobs that is killed at random moments and comes back with nothing but their ids: each output and outcome once, in each of four ways.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect } from 'vitest'
import { program } from '../rig/chap.ts'
import { pickPort } from '../rig/ports.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'ssh', 'sshd')

const JOBS = 200
/** Of its lives, all but the last end by SIGKILL. */
const LIVES = 3

let spool: Spool
let sshd: Sshd
let dir: string
beforeAll(async () => {
  spool = await makeSpool()
  sshd = await startSshd({ config: ['MaxStartups 100'] })
  dir = join(spool.root, 'scheduler')
  for (const folder of [dir, join(spool.root, 'bin')]) mkdirSync(folder)
  symlinkSync(program, join(spool.root, 'bin/chap'))
  // Each a module of its own, as it would be copied: the receiver is a program, too, and must not take itself for it.
  const entryPoints = ['scheduler', 'receiver'].map((name) =>
    fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url)),
  )
  const how = { bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' } as const
  await build({ entryPoints, outdir: join(spool.root, 'built'), logLevel: 'warning', ...how })
  writeFileSync(join(spool.root, 'built/package.json'), '{ "type": "module" }')
})
afterAll(async () => {
  await cleanUp(spool)
  await sshd.stop()
})

const live = (port: number): { readonly child: ChildProcess; readonly ended: Promise<number | null> } => {
  const args = [dir, String(JOBS), String(port), sshd.host, sshd.sshConfig]
  const env = { ...spool.env, PATH: `${spool.root}/bin:${spool.env['PATH']}` }
  const child = spawn(process.execPath, [join(spool.root, 'built/scheduler.js'), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) }
}

/** How far it is: what has begun, and what was recorded in each way. */
const count = (folder: string): number => {
  const path = join(dir, folder)
  return existsSync(path) ? readdirSync(path).filter((name) => !name.endsWith('.new')).length : 0
}
const ways = ['poll', 'wait', 'events', 'callback']

test('each output and outcome once: by polling, by wait, by events and by callback', async () => {
  const port = await pickPort()
  const deaths: object[] = []
  for (let life = 1; life < LIVES; life += 1) {
    const { child, ended } = live(port)
    // A moment by how far it is: machines differ in how fast they get there. The last death is one in collecting.
    const begun = life === LIVES - 1 ? JOBS : randomInt(1, JOBS / 2) + count('begun') / 2
    const isThere = (): boolean => child.exitCode !== null || count('begun') >= begun
    await until(isThere, { deadline: 120_000, what: `${begun} jobs to have begun` })
    child.kill('SIGKILL')
    expect(await ended).toBeNull()
    deaths.push(Object.fromEntries(['begun', ...ways].map((folder) => [folder, count(folder)])))
  }
  expect(ways.some((way) => count(way) < JOBS)).toBe(true)
  expect(await live(port).ended).toBe(0)
  console.info(`killed at ${JSON.stringify(deaths)}`)

  const ids = readFileSync(join(dir, 'ids'), 'utf8').split('\n')
  expect(ids).toHaveLength(JOBS)
  expect(readdirSync(join(spool.dir, 'jobs')).toSorted()).toEqual(ids.toSorted())
  for (const [index, id] of ids.entries()) {
    expect(readFileSync(join(dir, 'begun', id), 'utf8')).toBe('begun\n')
    const stdout = [1, 2, 3, 4, 5].map((line) => `${id} ${line}\n`).join('')
    for (const way of ways)
      expect(JSON.parse(readFileSync(join(dir, way, id), 'utf8')), way).toEqual({ exit_status: index % 7, stdout })
  }
}, 240_000)
