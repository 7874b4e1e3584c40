// However the work of a call comes to its end, the exit status says so.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const end = fileURLToPath(new URL('../../../src/cli/end.ts', import.meta.url))

test.each([
  ['Promise.resolve(3)', 3, ''],
  ['new Promise(() => undefined)', 125, ''],
  ["Promise.reject(new Error('of its own'))", 125, "a defect of chap's own: Error: of its own"],
  ['new Promise(() => setTimeout(() => process.exit(4), 1))', 4, ''],
  ['Promise.resolve(undefined)', 0, ''],
  // As commander's help does.
  ['Promise.resolve(Number(process.exitCode ?? 0))', 0, ''],
])('%s ends with %i', async (work, status, said) => {
  const contents = `import { endWith } from ${JSON.stringify(end)}; endWith(${work})`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: '/' },
    bundle: true,
    platform: 'node',
    write: false,
  })
  const code = outputFiles[0]?.text ?? ''
  const [exit, stderr] = await new Promise<[number | string | null | undefined, string]>((resolve) =>
    execFile(process.execPath, ['-e', code], (error, _, text) => resolve([error === null ? 0 : error.code, text])),
  )
  expect([exit, stderr.includes(said)]).toEqual([status, true])
})
