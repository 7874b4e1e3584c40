// The package as npm installs it: packed once, installed globally with each Node that chap supports, and used there by its commands and its library.
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { otherNodes } from '../rig/nodes.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { makeSpools } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'chap-i-'))
const spools = makeSpools()
let tarball: string
let size: number
let sshd: Sshd

beforeAll(async () => {
  // What was built is what is packed, and what the other tests run.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', dir]
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }))
  tarball = join(dir, packed.filename)
  size = packed.size
  sshd = await startSshd()
})
afterAll(async () => {
  await spools.cleanUp()
  await sshd?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('under a megabyte, no script that runs when it is installed, and one dependency', () => {
  expect(size, 'what earlier builds left in dist counts, too: rm -rf dist, and build').toBeLessThan(1_000_000)
  const { scripts, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // prepack and the like run where the package is made; these where it is installed.
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|uninstall)$|^prepare$/.test(name))).toEqual([])
  // Its types are made of valibot's; all else is in the bundle.
  expect(Object.keys(dependencies)).toEqual(['valibot'])
})

test('what arethetypeswrong has to say of it is nothing, for whoever imports it', async () => {
  const checked = await checkPackage(createPackageFromTarballData(readFileSync(tarball)))
  if (checked.types === false) throw new Error('it finds no types')
  // An ES module alone: what knows no `exports` does not find it, and what is CommonJS gets it by require(esm), which it warns of.
  const isOurs = (kind: string | undefined): boolean => kind !== 'node10' && kind !== 'node16-cjs'
  expect(checked.problems.filter((one) => !('resolutionKind' in one) || isOurs(one.resolutionKind))).toEqual([])
  expect(Object.keys(checked.entrypoints)).toEqual(['.', './package.json'])
})

/** The changes that `chap events` tells of, up to the end of a job; it goes on until Ctrl-C. */
const tellToTheEnd = async (id: string, options: { readonly cwd: string; readonly env: Record<string, string> }) => {
  const watcher = execa('chap', ['events', '--json', '--since', '1h', id], {
    ...options,
    extendEnv: false,
    reject: false,
  })
  let said = ''
  watcher.stdout.on('data', (chunk) => {
    said += chunk
  })
  try {
    await until(() => said.includes('"event":"ended"'), { deadline: 10_000, what: 'the end to be told' })
  } finally {
    watcher.kill('SIGINT')
    await watcher
  }
  const events = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event)
  return events.slice(0, events.indexOf('ended') + 1).filter((event) => event !== 'output_grew')
}

const SCRIPT = `
import { attach, isProblem, start } from 'chap-jobs'
const job = await start({ program: ['printf', 'by the library'] })
if (isProblem(job)) throw new Error(JSON.stringify(job))
const attached = await attach(job)
if (isProblem(attached)) throw new Error(JSON.stringify(attached))
let said = ''
for await (const { text } of attached.lines()) said += text
const end = await attached.outcome
console.log(said, isProblem(end) ? end.code : end.exitStatus, process.version)
`

describe.each(otherNodes)('Node $major', ({ major, bin }) => {
  testWith(
    'nodes',
    'linux',
    'sshd',
    'ssh',
    'mandoc',
  )('installs globally, and all of it works there', async () => {
    const prefix = join(dir, `node${major}`)
    const node = join(bin, 'node')
    const { env: own, home } = await spools.make()
    const env = { ...own, PATH: `${join(prefix, 'bin')}:${bin}:${own['PATH']}` }
    const run = async (file: string, ...args: readonly string[]) => {
      const { stdout, stderr, exitCode } = await execa(file, args, { cwd: home, env, extendEnv: false, reject: false })
      return { stdout, stderr, exitCode }
    }

    const npm = realpathSync(needProgram('npm'))
    const options = ['--prefix', prefix, '--no-audit', '--no-fund', '--prefer-offline', '--strict-peer-deps']
    // With the caller's HOME: there are npm's cache and its settings.
    const installed = await execa(node, [npm, 'install', '-g', ...options, tarball], { cwd: home, reject: false })
    expect(installed.exitCode, installed.stderr).toBe(0)
    expect(installed.stderr).not.toMatch(/warn|EBADENGINE/i)

    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await run('chap', '--version')).toEqual({ stdout: version, stderr: '', exitCode: 0 })
    const line = 'read -r go; echo out; echo err >&2; exit 3'
    const started = await run('chap', 'start', '-F', sshd.sshConfig, '--stdin', 'open', '-c', line, sshd.host)
    expect(started).toEqual({ stdout: expect.stringMatching(/^[a-z0-9]+$/), stderr: '', exitCode: 0 })
    const id = started.stdout
    // The chaperone runs on that Node, too.
    const [job] = JSON.parse((await run('chap', 'ls', '--json')).stdout) as { chaperone_pid: number; state: string }[]
    expect(job).toMatchObject({ id, state: 'running', host: sshd.host })
    expect(readlinkSync(`/proc/${job?.chaperone_pid}/exe`)).toBe(realpathSync(node))
    expect((await run('chap', 'send', id, 'go')).exitCode).toBe(0)
    expect(await run('chap', 'attach', id)).toEqual({ stdout: 'out', stderr: 'err', exitCode: 3 })
    expect(await run('chap', 'wait', id)).toMatchObject({ stdout: '', exitCode: 3 })
    expect(await tellToTheEnd(id, { cwd: home, env })).toEqual(['created', 'started', 'ended'])
    const man = await run(needProgram('mandoc'), '-Tascii', join(prefix, 'share/man/man1/chap.1'))
    expect(man.stdout).toContain('never lose it')

    const place = join(home, 'node_modules')
    mkdirSync(place)
    symlinkSync(join(prefix, 'lib/node_modules/chap-jobs'), join(place, 'chap-jobs'))
    writeFileSync(join(home, 'use.mjs'), SCRIPT)
    const used = await run('node', 'use.mjs')
    expect(used, used.stderr).toMatchObject({ stdout: expect.stringMatching(`^by the library 0 v${major}\\.`) })
  })
})
