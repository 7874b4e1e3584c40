/** Bundles a simulated world: the code of src/ as it is, with the platform below it replaced. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = join(root, 'test/simulation')

/** What src/ imports, and what stands in its place. */
const REPLACED = new Map([
  ['node:fs', 'platform/fs.ts'],
  ['node:child_process', 'platform/child-process.ts'],
  ['node:crypto', 'platform/crypto.ts'],
  ['node:os', 'platform/os.ts'],
  ['node:net', 'platform/net.ts'],
  ['proper-lockfile', 'platform/lockfile.ts'],
  ['./open-link.ts', 'platform/open-link.ts'],
])

/**
 * A bug to be planted: texts of src/ and what they become.
 *
 * @typedef {object} Change
 * @property {string} file below src/
 * @property {string} from exactly once in the file
 * @property {string} to
 *
 * @typedef {object} Mutant
 * @property {string} name
 * @property {readonly Change[]} changes
 * @property {import('./simulate.ts').Focus} [focus] what it takes to see it soon
 */

/**
 * @param {Mutant | undefined} mutant
 * @returns {import('esbuild').Plugin}
 */
const virtualPlatform = (mutant) => ({
  name: 'virtual-platform',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:|proper-lockfile$|\.\/open-link\.ts$)/ }, ({ path, importer }) => {
      const replacement = REPLACED.get(path)
      const isOurs = importer.startsWith(join(root, 'src/'))
      return isOurs && replacement !== undefined ? { path: join(here, replacement) } : undefined
    })
    if (mutant === undefined) return
    for (const file of new Set(mutant.changes.map((change) => change.file))) {
      const changes = mutant.changes.filter((change) => change.file === file)
      const path = join(root, 'src', file)
      onLoad({ filter: new RegExp(`${path.replaceAll('.', '\\.')}$`) }, () => ({
        contents: changes.reduce(plant, readFileSync(path, 'utf8')),
        loader: 'ts',
      }))
    }
  },
})

/**
 * @param {string} text
 * @param {Change} change
 */
const plant = (text, { file, from, to }) => {
  // A text that was rewritten since must not turn a mutant into the healthy code.
  if (text.split(from).length !== 2) throw new Error(`src/${file} does not have exactly one: ${from}`)
  return text.replace(from, () => to)
}

/**
 * @param {string} outfile
 * @param {Mutant} [mutant]
 */
export const bundle = async (outfile, mutant) => {
  await build({
    absWorkingDir: root,
    entryPoints: ['test/simulation/worker.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    inject: [join(here, 'platform/globals.ts')],
    plugins: [virtualPlatform(mutant)],
    logLevel: 'warning',
  })
}
