// Another version of chap, made of today's sources with some of their text replaced: until there are releases to take.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { inkAtTerminal } from '../../src/ink-at-terminal.mjs'

export interface OtherVersion {
  readonly dist: string
  /** Its command line, and its chaperone, for node to run. */
  readonly chap: string
  readonly chaperone: string
  remove(): void
}

/** In a file below src/, this text for that one. */
export interface Change {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** It is no module: it lies beside the bundles. */
const LAUNCHER = 'transport/launcher.sh'

const root = fileURLToPath(new URL('../..', import.meta.url))

export async function buildVersion(version: string, changes: readonly Change[]): Promise<OtherVersion> {
  const dir = mkdtempSync(join(tmpdir(), 'chap-v-'))
  const dist = join(dir, 'dist')
  mkdirSync(dist)
  await build({
    absWorkingDir: root,
    entryPoints: { chap: 'src/cli/main.ts', chaperone: 'src/chaperone/main.ts' },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [replaceText(changes), inkAtTerminal],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  })
  // Its command line starts it by this name.
  writeFileSync(join(dist, 'chaperone.cjs'), "import('./chaperone.js')\n")
  const launcher = changes.filter(({ file }) => file === LAUNCHER)
  writeFileSync(
    join(dist, 'launcher.sh'),
    launcher.reduce(replaceOnce, readFileSync(join(root, 'src', LAUNCHER), 'utf8')),
  )
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ type: 'module', version }))
  return {
    dist,
    chap: join(dist, 'chap.js'),
    chaperone: join(dist, 'chaperone.js'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const replaceText = (changes: readonly Change[]): Plugin => ({
  name: 'replace-text',
  setup({ onLoad }) {
    for (const file of new Set(changes.map((change) => change.file).filter((one) => one !== LAUNCHER)))
      onLoad({ filter: new RegExp(`/src/${file.replaceAll('.', '\\.')}$`) }, ({ path }) => ({
        contents: changes.filter((change) => change.file === file).reduce(replaceOnce, readFileSync(path, 'utf8')),
        loader: 'ts',
      }))
  },
})

const replaceOnce = (text: string, { file, from, to }: Change): string => {
  if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to replace`)
  return text.replace(from, () => to)
}
