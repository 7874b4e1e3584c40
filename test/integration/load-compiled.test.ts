/** What V8 made of a bundle is kept for the next process; and nothing depends on it. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testWith } from '../rig/requires.ts'

const loader = fileURLToPath(new URL('../../bin/load-compiled.js', import.meta.url))
const LONG_AGO = new Date('2001-02-03')

let dir: string
let cache: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-compiled-'))
  mkdirSync(join(dir, 'cache'))
  cache = join(dir, 'cache/chap')
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Its digest says that it is this one; the bundle is as long whatever it says. */
const write = (says: 'one' | 'two', head = `// ${(says === 'one' ? '1' : '2').repeat(32)}\n`): void => {
  const text = `const f = (word) => word + __filename.slice(-3)\nmodule.exports = { f: () => f('${says}') }`
  writeFileSync(join(dir, 'bundle.cjs'), `${head}${text}`)
}

const load = async (flags: readonly string[] = [], name = 'f'): Promise<string> => {
  const code = `console.log(require(${JSON.stringify(loader)}).loadCompiled(process.argv[1]).${name}())`
  const env = { XDG_CACHE_HOME: join(dir, 'cache'), PATH: process.env['PATH'] }
  const argv = [...flags, '-e', code, join(dir, 'bundle.cjs')]
  return (await execa(process.execPath, argv, { env, extendEnv: false })).stdout
}

const kept = (): string[] => (existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : [])

/** One that is not used is made anew: another file. */
const isUsed = async (): Promise<boolean> => {
  const [path = ''] = kept()
  const { ino } = statSync(path)
  expect(await load()).toBe('onecjs')
  return statSync(path).ino === ino
}

test('the next process uses it, and nobody else can read it', async () => {
  write('one')
  expect(await load()).toBe('onecjs')
  expect(kept()).toHaveLength(1)
  expect(statSync(kept()[0] ?? '').mode & 0o777).toBe(0o600)
  expect(statSync(cache).mode & 0o777).toBe(0o700)
  expect(await isUsed()).toBe(true)
})

test.each([
  ['is damaged', (path: string) => writeFileSync(path, 'garbage')],
  ['is cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -8))],
  ['is empty', (path: string) => writeFileSync(path, '')],
  ['has a hole', (path: string) => writeFileSync(path, zeroMiddle(readFileSync(path)))],
  ['others may write', (path: string) => chmodSync(path, 0o620)],
])('one that %s is not used, and made anew', async (_, spoil) => {
  write('one')
  await load()
  spoil(kept()[0] ?? '')
  expect(await isUsed()).toBe(false)
  expect(await isUsed()).toBe(true)
})

/** V8 would take it, and die. */
const zeroMiddle = (bytes: Buffer): Buffer => bytes.fill(0, bytes.length / 4, bytes.length / 2)

test('other flags have their own', async () => {
  write('one')
  await load(['--no-opt'])
  await load()
  const names = kept()
  expect(names).toHaveLength(2)
  const times = names.map((path) => statSync(path).mtimeMs)
  await load(['--no-opt'])
  await load(['--v8-pool-size=0'])
  expect(kept()).toEqual(names)
  expect(names.map((path) => statSync(path).mtimeMs)).toEqual(times)
})

test('what has more takes its place, once an hour', async () => {
  write('one')
  const more = `module.exports = { f: () => 'short', g: () => { ${'Math.max(1, 2);'.repeat(500)} return 'long' } }`
  writeFileSync(join(dir, 'bundle.cjs'), `// ${'4'.repeat(32)}\n${more}`)
  expect(await load()).toBe('short')
  const [path = ''] = kept()
  const { size } = statSync(path)
  expect(await load([], 'g')).toBe('long')
  expect(statSync(path).size).toBe(size)
  utimesSync(path, LONG_AGO, LONG_AGO)
  expect(await load([], 'g')).toBe('long')
  const grown = statSync(path)
  expect(grown.size).toBeGreaterThan(size)
  utimesSync(path, LONG_AGO, LONG_AGO)
  expect(await load()).toBe('short')
  // It was looked at, and is as good as it gets.
  expect(statSync(path).mtimeMs).toBeGreaterThan(LONG_AGO.getTime())
  expect(readFileSync(path).length).toBeGreaterThanOrEqual(grown.size)
})

testWith('root')('nothing is written below what is not ours, or not there', async () => {
  write('one')
  chownSync(join(dir, 'cache'), 12_345, 12_345)
  expect(await load()).toBe('onecjs')
  expect(kept()).toEqual([])
  rmSync(join(dir, 'cache'), { recursive: true })
  expect(await load()).toBe('onecjs')
  expect(existsSync(join(dir, 'cache'))).toBe(false)
})

test('another bundle of that name, and as long, has its own; the old one goes after a month', async () => {
  write('one')
  await load()
  const [old = ''] = kept()
  write('two')
  expect(await load()).toBe('twocjs')
  expect(kept()).toHaveLength(2)
  utimesSync(old, LONG_AGO, LONG_AGO)
  write('two', `// ${'3'.repeat(32)}\n`)
  expect(await load()).toBe('twocjs')
  expect(kept()).toHaveLength(2)
  expect(kept()).not.toContain(old)
})

test('where nothing can be kept, it runs all the same', async () => {
  write('one')
  writeFileSync(cache, 'in the way')
  expect(await load()).toBe('onecjs')
  rmSync(cache)
  mkdirSync(cache, { recursive: true })
  write('one', '')
  expect(await load()).toBe('onecjs')
  expect(kept()).toEqual([])
})
