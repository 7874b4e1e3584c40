/**
 * Bundle chap into dist/: its entry points, and a chunk for all that is imported dynamically, so that each command
 * loads only what it uses. A build may run while chap runs, and beside another build.
 */

import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { inkAtTerminal } from './ink-at-terminal.mjs'
import { seeThroughFace } from './see-through.mjs'
import { undiciParts } from './undici-parts.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

/**
 * CommonJS packages require node's own modules, and an ES module has no require. Hand them out where they are asked
 * for, and the chunks without such packages stay free of any help for them.
 *
 * @type {import('esbuild').Plugin}
 */
const builtinsForCommonJs = {
  name: 'builtins-for-commonjs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/**
 * What speaks HTTP is twice as much as the rest of a chaperone, and few need it: not in the same file, all of which is read. And a chaperone in the
 * foreground is the same file as one in the background.
 *
 * @type {import('esbuild').Plugin}
 */
const filesApart = {
  name: 'files-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/exchange\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './exchange.cjs', external: true } : undefined,
    )
    onResolve({ filter: /\/serve\.ts$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'serve.cjs', namespace: 'compiled' } : undefined,
    )
    onResolve({ filter: /load-compiled/ }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /.*/, namespace: 'compiled' }, ({ path }) => ({
      contents: `module.exports = require('../bin/load-compiled.js').loadCompiled(__dirname + '/${path}')`,
    }))
  },
}

/**
 * A program of one file, of one command, and of no other: 31 modules, of which the rest of the command line shares most, take node 14 ms more to load.
 *
 * @param {RegExp} filter what of the dynamic imports is not in it
 * @param {string} [command] but for this
 * @returns {import('esbuild').Plugin}
 */
const alone = (filter, command) => ({
  name: 'alone',
  setup({ onResolve, onLoad }) {
    onResolve({ filter }, ({ path, kind }) =>
      kind === 'dynamic-import' && !path.endsWith(`/commands/${command}.ts`)
        ? { path, namespace: 'elsewhere' }
        : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'elsewhere' }, ({ path }) => ({
      contents: `throw new Error('${path} is not in this bundle')`,
    }))
  },
})

/**
 * string-width makes expressions that take 50 ms, and only a terminal needs it: where nothing is imported dynamically, not before it is called.
 *
 * @type {import('esbuild').Plugin}
 */
const widthWhenCalled = {
  name: 'width-when-called',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'when-called' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'when-called' }, ({ path }) => ({
      contents: `export default (text) => require(${JSON.stringify(path)}).default(text)`,
      resolveDir: root,
    }))
  },
}

const plugins = [builtinsForCommonJs, seeThroughFace, inkAtTerminal]
/** @type {import('esbuild').BuildOptions & { write: false, metafile: true }} */
const common = {
  absWorkingDir: root,
  outdir: dist,
  // Flat: import.meta.url must be as far from launcher.sh in every chunk.
  chunkNames: '[name]-[hash]',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Not the identifiers: a stack trace shall still be readable.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins,
  // React's own, without its checks.
  define: { 'process.env.NODE_ENV': '"production"' },
  write: false,
  metafile: true,
  logLevel: 'warning',
}
const programs = await build({
  ...common,
  entryPoints: {
    chap: 'src/cli/main.ts',
    askpass: 'src/transport/askpass-program.ts',
  },
  splitting: true,
})
/** What starts fastest: node's loader of ES modules takes 12 ms by itself, and 20 for as many modules as a chaperone has. */
const commonJs = /** @type {const} */ ({
  ...common,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  // Of code that V8 kept, node 20 does not know where an import() is to look.
  supported: { 'dynamic-import': false },
})
// `ls` is what scripts and shells' prompts ask for again and again, and is all start. What it can't do it leaves to the whole command line.
const ls = await build({
  ...commonJs,
  entryPoints: { ls: 'src/cli/ls-alone.ts' },
  plugins: [alone(/^\.\.?\//), widthWhenCalled, ...plugins],
})
const withPlace = /** @type {const} */ ({
  ...commonJs,
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href" },
  define: { ...common.define, 'import.meta.url': 'moduleUrl' },
})
// `start` is called in loops.
const start = await build({
  ...withPlace,
  entryPoints: { start: 'src/cli/main.ts' },
  plugins: [alone(/\/(commands|complete)\//, 'start'), ...plugins],
})
// One of these is started for each job: a bundle of its own.
const chaperone = await build({
  ...withPlace,
  entryPoints: {
    chaperone: 'src/chaperone/main.ts',
    serve: 'src/chaperone/serve.ts',
    exchange: 'src/chaperone/callback/exchange.ts',
  },
  plugins: [filesApart, undiciParts],
})
// By itself: what it shares with the command line would come to that in more pieces, which take longer to load.
const library = await build({ ...common, entryPoints: { index: 'src/index.ts' } })
const bundles = [programs, ls, start, chaperone, library]

mkdirSync(dist, { recursive: true })
/** @type {Map<string, string | Uint8Array>} */
const files = new Map()
for (const { path, text } of bundles.flatMap(({ outputFiles }) => outputFiles))
  files.set(basename(path), path.endsWith('.cjs') ? `// ${digestOf(text)}\n${text}` : text)
files.set('launcher.sh', readFileSync(join(root, 'src/transport/launcher.sh')))
for (const shell of ['bash', 'zsh', 'fish'])
  files.set(`completion.${shell}`, readFileSync(join(root, `src/cli/complete/completion.${shell}`)))
// An older chap's processes, which outlived the upgrade, start it by this name.
files.set('chaperone.js', "import './chaperone.cjs'\n")
files.set('askpass', readFileSync(join(root, 'src/transport/askpass.sh')))
files.set('LICENSES', collectLicenses(bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))))

for (const [name, contents] of declareTypes()) files.set(name, contents)
// The entry points last: what they load is there before them.
const isEntryPoint = (/** @type {string} */ name) =>
  ['index.js', 'chap.js', 'ls.cjs', 'start.cjs', 'chaperone.cjs', 'chaperone.js', 'serve.cjs', 'askpass'].includes(name)
const byNeed = [...files].toSorted(([one], [other]) => Number(isEntryPoint(one)) - Number(isEntryPoint(other)))
for (const [name, contents] of byNeed) publish(name, contents)
for (const [name, contents] of await writeManPages()) {
  files.set(name, contents)
  publish(name, contents)
}
sweep()

/**
 * The man pages, as the program that was just built says them.
 *
 * @returns {Promise<Map<string, string>>} by their names below dist/
 */
async function writeManPages() {
  const place = join(dist, `.man.${randomBytes(6).toString('hex')}`)
  mkdirSync(place)
  try {
    // Flat beside the others: modules look for their files there.
    const outfile = join(dist, `${basename(place)}.mjs`)
    const { outdir: _, ...options } = common
    const { outputFiles = [] } = await build({ ...options, outfile, entryPoints: ['src/cli/man/write.ts'] })
    for (const { contents } of outputFiles) writeFileSync(outfile, contents)
    try {
      const { status } = spawnSync(process.execPath, [outfile, root, place], { stdio: 'inherit' })
      if (status !== 0) throw new Error('the man pages could not be made')
    } finally {
      rmSync(outfile)
    }
    return new Map(readdirSync(place).map((name) => [`man/${name}`, readFileSync(join(place, name), 'utf8')]))
  } finally {
    rmSync(place, { recursive: true })
  }
}

/**
 * Put a whole file in place at once, whoever reads the old one.
 *
 * @param {string} name
 * @param {string | Uint8Array} contents
 */
function publish(name, contents) {
  const temporary = join(dist, `.${basename(name)}.${randomBytes(6).toString('hex')}`)
  mkdirSync(dirname(join(dist, name)), { recursive: true })
  // ssh runs it by its path.
  writeFileSync(temporary, contents, { mode: name === 'askpass' ? 0o755 : 0o644 })
  renameSync(temporary, join(dist, name))
}

/** Remove what earlier builds left; but a chap of theirs that still runs may yet load a chunk: give it an hour. */
function sweep() {
  const anHourAgo = Date.now() - 60 * 60 * 1000
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const stat = statSync(join(dist, name), { throwIfNoEntry: false })
    if (!files.has(name) && stat?.isFile() && stat.mtimeMs < anHourAgo) rmSync(join(dist, name), { force: true })
  }
}

/**
 * The types of the library's face, and of what they are made of: one file for each module, by its name below dist/.
 *
 * @returns {Map<string, string>}
 */
function declareTypes() {
  const place = join(dist, `.types.${randomBytes(6).toString('hex')}`)
  mkdirSync(place)
  try {
    const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, paths: {} }
    const config = { extends: join(root, 'tsconfig.json'), include: [], files: [join(root, 'src/index.ts')] }
    const directories = { rootDir: join(root, 'src'), outDir: place }
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({ ...config, compilerOptions: { ...compilerOptions, ...directories } }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { status } = spawnSync(process.execPath, [tsc, '-p', place], { stdio: 'inherit' })
    if (status !== 0) throw new Error('the types of src/index.ts could not be made')
    /** @type {Map<string, string>} */
    const types = new Map()
    readTypes(place, 'index', types)
    return types
  } finally {
    rmSync(place, { recursive: true })
  }
}

/**
 * @param {string} place
 * @param {string} name
 * @param {Map<string, string>} types is added to
 */
function readTypes(place, name, types) {
  if (types.has(`types/${name}.d.ts`)) return
  const text = readFileSync(join(place, `${name}.d.ts`), 'utf8')
  types.set(`types/${name}.d.ts`, text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'"))
  for (const [, specifier = ''] of text.matchAll(/from '(\.[^']*)\.ts'/g))
    readTypes(place, join(dirname(name), specifier), types)
}

/**
 * The licences of the packages in the bundle, which ask to go where the code goes.
 *
 * @param {readonly string[]} inputs
 */
function collectLicenses(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []))
  return [...packages].toSorted().map(describeLicense).join('\n')
}

/**
 * By which bin/load-compiled.js knows a bundle.
 *
 * @param {string} text
 */
function digestOf(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** @param {string} folder */
function describeLicense(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry))
  // Some packages bring no text of it, and it asks to go along all the same.
  const path = file === undefined ? join(root, 'src/licenses', `${license}.txt`) : join(root, folder, file)
  const text = readFileSync(path, 'utf8')
  return `${name} ${version}: ${license}\n\n${text}`
}
