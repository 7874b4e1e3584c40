/**
 * What the build takes of undici: an Agent that knows `request`. The rest of the package (fetch's cache, web sockets, mocks, proxies) is what its
 * index brings along, twice as much as this, and no bundler can leave it out. Its parser of answers comes twice, the one for processors with SIMD as
 * base64 of 72 kB more: a callback's answers are short, so the other does.
 *
 * @type {import('esbuild').Plugin}
 */
export const undiciParts = {
  name: 'undici-parts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ resolveDir }) => ({
      path: 'undici',
      namespace: 'undici-parts',
      pluginData: resolveDir,
    }))
    onLoad({ filter: /.*/, namespace: 'undici-parts' }, ({ pluginData: resolveDir }) => ({
      resolveDir,
      contents: `
        const Dispatcher = require('undici/lib/dispatcher/dispatcher.js')
        Dispatcher.prototype.request = require('undici/lib/api/api-request.js')
        exports.Agent = require('undici/lib/dispatcher/agent.js')`,
    }))
    onLoad({ filter: /\/llhttp_simd-wasm\.js$/ }, () => ({ contents: "module.exports = require('./llhttp-wasm.js')" }))
  },
}
