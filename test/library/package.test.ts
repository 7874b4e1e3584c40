/** The package as others get it: packed, its types compiled against by a strict compiler, and its examples run on it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const examples = join(root, 'test/examples')
const dir = mkdtempSync(join(tmpdir(), 'chap-p-'))
let spool: Spool

beforeAll(async () => {
  spool = await makeSpool()
  const [packed] = JSON.parse(
    // What was built is what is packed; the tests before this one ran it.
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
      cwd: root,
      encoding: 'utf8',
    }),
  )
  const place = join(dir, 'node_modules/chap-jobs')
  mkdirSync(place, { recursive: true })
  execFileSync('tar', ['-xzf', join(dir, packed.filename), '-C', place, '--strip-components=1'])
  for (const name of ['valibot', '@types/node', 'undici-types']) {
    mkdirSync(join(dir, 'node_modules/@types'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name))
  }
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(dir, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module: 'NodeNext',
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        rewriteRelativeImportExtensions: true,
        skipLibCheck: false,
        rootDir: examples,
        outDir: join(dir, 'built'),
        // The examples lie elsewhere, and shall see this package and no other.
        paths: { 'chap-jobs': [join(place, 'dist/types/index.d.ts')] },
        typeRoots: [join(dir, 'node_modules/@types')],
      },
      files: readdirSync(examples).map((name) => join(examples, name)),
    }),
  )
})
afterAll(async () => {
  await cleanUp(spool)
  rmSync(dir, { recursive: true, force: true })
})

test('what publint has to say of it is nothing', async () => {
  const { messages } = await publint({ pkgDir: root, pack: 'npm', strict: true })
  expect(messages).toEqual([])
})

test('the examples compile against it, strictly, its own types included', async () => {
  const { exitCode, stdout } = await execa(join(root, 'node_modules/.bin/tsc'), ['-p', dir], { reject: false })
  expect(stdout).toBe('')
  expect(exitCode).toBe(0)
})

const run = async (example: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await execa(process.execPath, [join(dir, 'built', `${example}.js`), ...args], {
    cwd: spool.home,
    env: spool.env,
    extendEnv: false,
  })
  return stdout
}

test('two commands side by side: the failure of one ends the other', async () => {
  expect(await run('side-by-side')).toBe('143\n3')
})

testWith('sshd', 'ssh')('two commands side by side, over ssh', async () => {
  const sshd = await startSshd()
  try {
    expect(await run('side-by-side', sshd.host, sshd.sshConfig)).toBe('143\n3')
  } finally {
    await sshd.stop()
  }
})

test('each second, ten times', async () => {
  const { stdout: release } = await execa('uname', ['-r'])
  const runs = Array.from({ length: 10 }, (_, index) => index + 1)
  const before = performance.now()
  expect(await run('each-second')).toBe(
    runs.map((number) => `run ${number}: ${release}\nrun ${number} ended with 0`).join('\n'),
  )
  expect(performance.now() - before).toBeGreaterThan(9_000)
})

test('for ever, until it is stopped', async () => {
  expect(await run('until-stopped')).toBe('5 kill')
})

test('a manager lists what is active and what ended abnormally', async () => {
  const abnormal = 'late timeout,series exited,series run 2 exited'
  expect(await run('manager')).toBe(
    `active: forever\nabnormal: ${abnormal}\nactive: \nabnormal: forever signaled,${abnormal}`,
  )
})
