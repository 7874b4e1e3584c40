/**
 * Bundle chap into dist/: its entry points, and a chunk for all that is imported dynamically, so that each command
 * loads only what it uses. A build may run while chap runs, and beside another build.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

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
  plugins: [builtinsForCommonJs],
  write: false,
  metafile: true,
  logLevel: 'warning',
}
const programs = await build({
  ...common,
  entryPoints: {
    chap: 'src/cli/main.ts',
    chaperone: 'src/chaperone/main.ts',
    askpass: 'src/transport/askpass-program.ts',
  },
  splitting: true,
})
// By itself: what it shares with the command line would come to that in more pieces, which take longer to load.
const library = await build({ ...common, entryPoints: { index: 'src/index.ts' } })

/** @type {Map<string, string | Uint8Array>} */
const files = new Map()
for (const { path, contents } of [...programs.outputFiles, ...library.outputFiles]) files.set(basename(path), contents)
files.set('launcher.sh', readFileSync(join(root, 'src/transport/launcher.sh')))
files.set('askpass', readFileSync(join(root, 'src/transport/askpass.sh')))
files.set(
  'LICENSES',
  collectLicenses([...Object.keys(programs.metafile.inputs), ...Object.keys(library.metafile.inputs)]),
)

mkdirSync(dist, { recursive: true })
// The entry points last: what they load is there before them.
const isEntryPoint = (/** @type {string} */ name) => ['index.js', 'chap.js', 'chaperone.js', 'askpass'].includes(name)
const byNeed = [...files].toSorted(([one], [other]) => Number(isEntryPoint(one)) - Number(isEntryPoint(other)))
for (const [name, contents] of byNeed) publish(name, contents)
sweep()

/**
 * Put a whole file in place at once, whoever reads the old one.
 *
 * @param {string} name
 * @param {string | Uint8Array} contents
 */
function publish(name, contents) {
  const temporary = join(dist, `.${name}.${randomBytes(6).toString('hex')}`)
  // ssh runs it by its path.
  writeFileSync(temporary, contents, { mode: name === 'askpass' ? 0o755 : 0o644 })
  renameSync(temporary, join(dist, name))
}

/** Remove what earlier builds left; but a chap of theirs that still runs may yet load a chunk: give it an hour. */
function sweep() {
  const anHourAgo = Date.now() - 60 * 60 * 1000
  for (const name of readdirSync(dist)) {
    const stat = statSync(join(dist, name), { throwIfNoEntry: false })
    if (!files.has(name) && stat !== undefined && stat.mtimeMs < anHourAgo) rmSync(join(dist, name), { force: true })
  }
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

/** @param {string} folder */
function describeLicense(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8')
  return `${name} ${version}: ${license}\n\n${text}`
}
