/** What V8 made of a bundle is kept for the next process; and nothing depends on it. */
import {
  chmodSync,
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

const loader = fileURLToPath(new URL('../../bin/load-compiled.js', import.meta.url))
const LONG_AGO = new Date('2001-02-03')

let dir: string
let cache: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-compiled-'))
  cache = join(dir, 'cache/chap')
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Its digest says that it is this one; the bundle is as long whatever it says. */
const write = (says: 'one' | 'two', head = `// ${(says === 'one' ? '1' : '2').repeat(32)}\n`): void => {
  const text = `const f = (word) => word + __filename.slice(-3)\nmodule.exports = { f: () => f('${says}') }`
  writeFileSync(join(dir, 'bundle.cjs'), `${head}${text}`)
}

const load = async (flags: readonly string[] = []): Promise<string> => {
  const code = `console.log(require(${JSON.stringify(loader)}).loadCompiled(process.argv[1]).f())`
  const env = { XDG_CACHE_HOME: join(dir, 'cache'), PATH: process.env['PATH'] }
  const argv = [...flags, '-e', code, join(dir, 'bundle.cjs')]
  return (await execa(process.execPath, argv, { env, extendEnv: false })).stdout
}

const kept = (): string[] => (existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : [])

/** One that is used is left as it is; one that is not is made anew. */
const isUsed = async (): Promise<boolean> => {
  const [path = ''] = kept()
  utimesSync(path, LONG_AGO, LONG_AGO)
  expect(await load()).toBe('onecjs')
  return statSync(path).mtimeMs === LONG_AGO.getTime()
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
  ['others may write', (path: string) => chmodSync(path, 0o620)],
])('one that %s is not used, and made anew', async (_, spoil) => {
  write('one')
  await load()
  spoil(kept()[0] ?? '')
  expect(await isUsed()).toBe(false)
  expect(await isUsed()).toBe(true)
})

test('that of other flags is not used, and made anew', async () => {
  write('one')
  await load(['--no-opt'])
  expect(await isUsed()).toBe(false)
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
  writeFileSync(join(dir, 'cache'), 'in the way')
  expect(await load()).toBe('onecjs')
  rmSync(join(dir, 'cache'))
  mkdirSync(cache, { recursive: true })
  write('one', '')
  expect(await load()).toBe('onecjs')
  expect(kept()).toEqual([])
})
