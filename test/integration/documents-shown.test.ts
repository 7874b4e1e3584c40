// What the documents show is typed, as it stands there: each block of code in one shell, each `chap ...` in a sentence by itself.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test as plainTest } from 'vitest'
import { callsIn, complete, isWhole, readCall } from '../rig/doc-calls.ts'
import { readAnchors, readBlocks, readLinks, readMentions } from '../rig/doc-commands.ts'
import { beginK3f9, type DocServer, makeDocScene, startDocServer, type } from '../rig/doc-scene.ts'
import { findProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'

const test = testWith('linux', 'sshd', 'ssh')
const root = fileURLToPath(new URL('../..', import.meta.url))
const manual = readdirSync(`${root}/src/manual`).map((name) => `src/manual/${name}`)
const files = ['README.md', 'spool.example/README.md', 'src/README.md', ...manual]

const blocks = files.flatMap(readBlocks)
const mentions = [...new Set(files.flatMap(readMentions))]

/** What is not typed here, and why. Its options are looked at all the same. */
const NOT_TYPED: readonly (readonly [RegExp, string])[] = [
  [/^npm ci && npm run/, 'CI types the second, and test/integration/demo.test.ts the first'],
  [/^npm pack && npm install -g/, 'test/integration/installed.test.ts installs it'],
  [/^chap top\b/, 'it wants a terminal: test/integration/look.test.ts'],
  [/^chap autostart (enable|disable)/, "it writes into the user's crontab: test/integration/autostart.test.ts"],
  [/--ask-password/, 'it asks at a terminal: test/reach/auth.test.ts'],
  [/--sudo|--via|--relay|-J gate/, 'these ways need accounts and programs: test/reach/ways.test.ts types them'],
  [/^chap attach --stdin|^chap run --stdin open/, 'what is typed comes from a terminal: test/integration/send.test.ts'],
  [/^chap deliver|--callback\b/, 'nobody receives there: test/integration/callback.test.ts'],
  ...(findProgram('jq') === undefined ? ([[/\bjq\b/, 'jq is not here']] as const) : []),
]

const isTyped = (line: string): boolean => !NOT_TYPED.some(([what]) => what.test(line))

const CHECK = 'chap run gpu1 -- apt-get -y upgrade'
const dir = mkdtempSync(join(tmpdir(), 'chap-d-'))
const scenes: Spool[] = []
let server: DocServer
const makeScene = async (): Promise<Spool> => {
  const scene = await makeDocScene(server)
  scenes.push(scene)
  return scene
}

beforeAll(async () => {
  server = await startDocServer(dir, [CHECK, ...blocks.flatMap(({ lines }) => lines), ...mentions])
})
afterAll(async () => {
  for (const scene of scenes) await cleanUp(scene)
  await server?.sshd.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('programs of this machine are not called by these tests', async () => {
  const scene = await makeScene()
  const { all } = await type(scene, [CHECK, CHECK.replace(' gpu1', '')])
  expect(all).toContain('apt-get -y upgrade\napt-get -y upgrade')
})

describe.concurrent.each(blocks)('$place', ({ lines }) => {
  test('can be typed', async () => {
    const typed = lines.filter(isTyped)
    if (typed.length === 0) return
    const scene = await makeScene()
    const text = typed.join('\n')
    if (text.includes('k3f9')) await beginK3f9(scene, text.includes('chap send'))
    const { exitCode, all } = await type(scene, typed)
    expect(exitCode, all).toBe(0)
  })
})

plainTest('each command and each option that is shown is one of chap', () => {
  const untyped = blocks.flatMap(({ lines }) => lines).filter((line) => !isTyped(line))
  const calls = [...mentions, ...untyped.flatMap(callsIn)].map((text) => ({ text, ...readCall(text) }))
  expect(calls.filter(({ isKnown, unknown }) => !isKnown || unknown.length > 0)).toEqual([])
})

plainTest('what is wrong in a document would be found', () => {
  expect(readCall('chap lss -a').isKnown).toBe(false)
  expect(readCall('chap kill [--singal NAME] job...').unknown).toEqual(['--singal'])
  expect(isWhole('chap kill job...')).toBe(false)
  expect(complete('chap kill -s HUP')).toBe('chap kill -s HUP k3f9')
})

const inBlocks = new Set(blocks.flatMap(({ lines }) => lines.flatMap(callsIn)))
const said = [
  ...new Set(
    mentions
      .filter((text) => isTyped(text) && isWhole(text))
      .map(complete)
      .filter((line) => !inBlocks.has(line)),
  ),
]
/** A spool for each part: they are typed side by side. */
const parts = [0, 1, 2].map((part) => ({ part, lines: said.filter((_, index) => index % 3 === part) }))

describe.concurrent.each(parts)('in sentences, part $part', ({ lines }) => {
  test('what is said can be typed', async () => {
    expect(lines.length).toBeGreaterThan(5)
    const scene = await makeScene()
    let hasJob = false
    for (const line of lines) {
      const isOpen = / send /.test(line)
      if (isOpen) await type(scene, ['chap rm --force k3f9'])
      if (!hasJob || isOpen) await beginK3f9(scene, isOpen)
      const { exitCode, all } = await type(scene, [line])
      expect(exitCode, `${line}\n${all}`).toBe(0)
      hasJob = !/ (rm|prune) /.test(line)
    }
  })
})

plainTest('what a document leads to is there', () => {
  const links = files.flatMap((file) => readLinks(file).map((link) => ({ file, link })))
  const lost = links.filter(({ file, link }) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : join(dirname(file), path)
    return !existsSync(join(root, target)) || (anchor !== undefined && !readAnchors(target).includes(anchor))
  })
  expect(links.length).toBeGreaterThan(50)
  expect(lost).toEqual([])
})
