/** The house, as architecture.md draws it: imports go down only, and every file keeps the house's manners. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readFace, seeThrough } from '../../src/see-through.mjs'

/** The floors, by their first name below src/, and what each may import of the others. */
const mayImport = {
  domain: [],
  spool: ['domain'],
  transport: ['domain'],
  chaperone: ['domain', 'spool', 'transport'],
  watcher: ['domain', 'spool'],
  library: ['domain', 'spool', 'transport', 'watcher'],
  'index.ts': ['domain', 'spool', 'transport', 'chaperone', 'watcher', 'library'],
  cli: ['index.ts'],
} as const satisfies Record<string, readonly string[]>

const maxLines = 250
/** Packages so slow to load that only the commands that need them may pay for them. */
const heavy = ['execa', 'chokidar', 'proper-lockfile', 'smol-toml', 'ink', 'react', 'string-width']

const sources = readSources()

test('every file of src keeps to its floor and to the manners', () => {
  expect(sources.size).toBeGreaterThan(0)
  expect([...sources].flatMap(([path, text]) => findOffences(path, text))).toEqual([])
})

test('a command that needs no other machine loads none of the slow packages', () => {
  expect(findEagerPackages('cli/main.ts').filter((name) => heavy.includes(name))).toEqual([])
})

test("what the build makes of an import of the library's face", () => {
  const face = readFace(
    "export { a, type B } from './x/a.ts'\nexport type { C as D } from './c.ts'\nexport { e as f } from './e.ts'\n",
  )
  const text = `import { a, type B, f as g } from '../index.ts'
import type { D } from '../index.ts'
const { a } = await import('../../index.ts')
`
  expect(seeThrough(text, face)).toBe(`import { a as a } from '../x/a.ts'
import { e as g } from '../e.ts'

const { a: a } = await import('../../x/a.ts')
`)
  expect(() => seeThrough("import { x } from '../index.ts'\n", face)).toThrow('index.ts exports no x')
  for (const other of [
    "export { a } from '../index.ts'",
    "import * as all from '../index.ts'",
    "import('../index.ts')",
  ])
    expect(() => seeThrough(`${other}\n`, face)).toThrow('in another form')
})

test('finds all that is wrong in a file', () => {
  const text = `import { readFileSync } from 'node:fs'
import type { Layout } from '../spool/layout.ts'
import * as v from 'valibot'
import '../cli/main.ts'
import type { Job } from './job.ts'
// import { commented } from '../watcher/tail.ts'
const quoted = "import { x } from '../watcher/tail.ts'; const any = 1"
const later = () => import('../transport/ssh.ts')
export { Phase } from '../chaperone/phase.ts'
export default (job: any): Job => job
${'\n'.repeat(maxLines)}`
  expect(findOffences('domain/wrong.ts', text)).toEqual([
    'src/domain/wrong.ts imports node:fs',
    'src/domain/wrong.ts imports ../spool/layout.ts',
    'src/domain/wrong.ts imports valibot',
    'src/domain/wrong.ts imports ../cli/main.ts',
    'src/domain/wrong.ts imports ../transport/ssh.ts',
    'src/domain/wrong.ts imports ../chaperone/phase.ts',
    'src/domain/wrong.ts has a default export',
    'src/domain/wrong.ts says any',
    'src/domain/wrong.ts has 260 lines',
    'src/domain/wrong.ts does not begin with a doc comment',
  ])
})

test.each([
  ['spool/x.ts', '../transport/y.ts'],
  ['transport/x.ts', '../spool/y.ts'],
  ['chaperone/x.ts', '../watcher/y.ts'],
  ['watcher/x.ts', '../chaperone/y.ts'],
  ['watcher/x.ts', '../transport/y.ts'],
  ['library/x.ts', '../index.ts'],
  ['library/x.ts', '../chaperone/y.ts'],
  ['watcher/x.ts', '../library/y.ts'],
  ['index.ts', './cli/y.ts'],
  ['spool/deep/x.ts', '../../cli/y.ts'],
  ['cli/x.ts', '../library/y.ts'],
  ['cli/x.ts', '../domain/y.ts'],
  ['cli/x.ts', '../elsewhere/y.ts'],
  ['cli/x.ts', '../../test/y.ts'],
])('%s may not import %s', (path, specifier) => {
  expect(findOffences(path, `/** x */\nimport { y } from '${specifier}'\n`)).toEqual([
    `src/${path} imports ${specifier}`,
  ])
})

test.each([
  ['domain/x.ts', './y.ts'],
  ['spool/x.ts', 'node:fs'],
  ['spool/deep/x.ts', '../y.ts'],
  ['chaperone/x.ts', '../transport/y.ts'],
  ['cli/deep/x.ts', '../y.ts'],
  ['library/x.ts', '../watcher/y.ts'],
  ['cli/x.ts', '../index.ts'],
  ['index.ts', './library/y.ts'],
])('%s may import %s', (path, specifier) => {
  expect(findOffences(path, `/** x */\nimport { y } from '${specifier}'\n`)).toEqual([])
})

test('a file on no floor is out of place', () => {
  expect(findOffences('utils/x.ts', '/** x */\n')).toEqual(['src/utils/x.ts is on no floor'])
})

function findOffences(path: string, text: string): string[] {
  const { code, imports } = parse(text)
  const floor = floorOf(path)
  const lines = text.replace(/\n$/, '').split('\n').length
  const offences = [
    floor === undefined && 'is on no floor',
    ...imports.map(({ specifier }) => !isAllowed(path, specifier) && `imports ${specifier}`),
    /\bexport default\b|\bas default\b/.test(code) && 'has a default export',
    /(?<![.\w])any(?![\w:(?])/.test(code) && 'says any',
    lines > maxLines && `has ${lines} lines`,
    !text.startsWith('/**') && 'does not begin with a doc comment',
  ]
  return offences.filter((offence) => offence !== false).map((offence) => `src/${path} ${offence}`)
}

function isAllowed(path: string, specifier: string): boolean {
  const floor = floorOf(path)
  if (floor === undefined) return false
  if (!specifier.startsWith('.')) return floor !== 'domain'
  const target = floorOf(resolve(path, specifier))
  const below: readonly string[] = mayImport[floor]
  return target !== undefined && (target === floor || below.includes(target))
}

function floorOf(path: string): keyof typeof mayImport | undefined {
  const name = path.split('/')[0] ?? ''
  return isFloor(name) ? name : undefined
}

function isFloor(name: string): name is keyof typeof mayImport {
  return Object.hasOwn(mayImport, name)
}

/** The packages that are loaded with this file: those of dynamic imports and of types are not. */
function findEagerPackages(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return []
  seen.add(path)
  const source = sources.get(path)
  if (source === undefined) throw new Error(`there is no src/${path}`)
  // As the build has it: behind the face, not all that the face shows.
  const text = path.startsWith('cli/') ? seeThrough(source, readFace(sources.get('index.ts') ?? '')) : source
  const eager = parse(text).imports.filter(({ kind }) => kind === 'static')
  return eager.flatMap(({ specifier }) =>
    specifier.startsWith('.') ? findEagerPackages(resolve(path, specifier), seen) : [specifier],
  )
}

interface Import {
  readonly specifier: string
  readonly kind: 'static' | 'dynamic' | 'type'
}

/** The code without comments and with a number in place of each string; and what it imports, in any way. */
function parse(text: string): { code: string; imports: Import[] } {
  const strings: string[] = []
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  const code = text.replace(tokens, (token) =>
    token.startsWith('/') ? ' ' : `"${strings.push(token.slice(1, -1)) - 1}"`,
  )
  const importing =
    /\b(?:(?<type>(?:import|export) type)\b[^"=]*?\bfrom|from|import)\s*(?<call>\(?)\s*"(?<string>\d+)"/g
  const imports = [...code.matchAll(importing)].map(({ groups = {} }): Import => {
    const specifier = strings[Number(groups['string'])] ?? ''
    if (groups['type'] !== undefined) return { specifier, kind: 'type' }
    return { specifier, kind: groups['call'] === '(' ? 'dynamic' : 'static' }
  })
  return { code, imports }
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier)
}

function readSources(): ReadonlyMap<string, string> {
  const src = fileURLToPath(new URL('../../src/', import.meta.url))
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return new Map(paths.toSorted().map((path) => [path, readFileSync(`${src}${path}`, 'utf8')]))
}
