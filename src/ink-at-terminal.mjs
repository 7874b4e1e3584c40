/**
 * What the build changes in Ink: it asks for a debugger of React's, which is no part of chap, and paints nothing where the environment
 * speaks of CI, though `top` has asked for a terminal itself.
 *
 * @type {import('esbuild').Plugin}
 */
export const inkAtTerminal = {
  name: 'ink-at-terminal',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/ink\/build\/devtools\.js$/ }, () => ({ contents: '' }))
    onLoad({ filter: /node_modules\/is-in-ci\/index\.js$/ }, () => ({ contents: 'export default false' }))
  },
}
