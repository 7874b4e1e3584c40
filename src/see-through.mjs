/**
 * The command line imports from the library's face (index.ts) and nothing else. A bundler would have each command load all that is behind
 * the face; so in the build an import of the face is one of the modules behind it.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @typedef {ReadonlyMap<string, { readonly from: string, readonly name: string }>} Face what it gives out, and from where */

/**
 * @param {string} text of index.ts
 * @returns {Face}
 */
export function readFace(text) {
  const exports = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)]
  return new Map(
    exports.flatMap(([, names = '', from = '']) =>
      readNames(names).map(({ name, as }) => /** @type {const} */ ([as, { from, name }])),
    ),
  )
}

/**
 * @param {string} list of an import or export: `a, type B, c as d`
 */
function readNames(list) {
  return [...list.matchAll(/(?<type>\btype )?\b(?<name>\w+)(?: as (?<as>\w+))?/g)].map(({ groups }) => {
    const { type, name = '', as = name } = groups ?? {}
    return { isType: type !== undefined, name, as }
  })
}

/**
 * A file's text in which the values that it imports from the face are imported from behind it. Types are left to be erased.
 *
 * @param {string} text
 * @param {Face} face
 */
export function seeThrough(text, face) {
  const behind = (/** @type {string} */ name) => {
    const found = face.get(name)
    if (found === undefined) throw new Error(`index.ts exports no ${name}`)
    return found
  }
  const direct = text
    .replace(/^import \{([^}]*)\} from '((?:\.\.\/)+)index\.ts'$/gm, (_, names, up) =>
      readNames(names)
        .filter(({ isType }) => !isType)
        .map(({ name, as }) => `import { ${behind(name).name} as ${as} } from '${up}${behind(name).from.slice(2)}'`)
        .join('\n'),
    )
    .replace(/const \{ (\w+) \} = await import\('((?:\.\.\/)+)index\.ts'\)/g, (_, name, up) => {
      const { name: own, from } = behind(name)
      return `const { ${own}: ${name} } = await import('${up}${from.slice(2)}')`
    })
    .replace(/^import type \{[^}]*\} from '(?:\.\.\/)+index\.ts'$/gm, '')
  if (/\/index\.ts'/.test(direct)) throw new Error('an import of index.ts in another form')
  return direct
}

const root = fileURLToPath(new URL('.', import.meta.url))

/** @type {import('esbuild').Plugin} */
export const seeThroughFace = {
  name: 'see-through-face',
  setup({ onLoad }) {
    const face = readFace(readFileSync(`${root}index.ts`, 'utf8'))
    onLoad({ filter: /\/src\/cli\/.*\.ts$/ }, ({ path }) => ({
      contents: seeThrough(readFileSync(path, 'utf8'), face),
      loader: 'ts',
    }))
  },
}
