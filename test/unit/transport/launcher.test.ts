// What takes the launcher at the other end counts characters where it means bytes.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { probeScript } from '../../../src/cli/doctor/probe-script.ts'
import { launcherText, READ_LAUNCHER, stripScript, takeLauncher } from '../../../src/transport/launcher.ts'
import { runBySh } from '../../../src/transport/quote.ts'
import { testWith } from '../../rig/requires.ts'

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length && !/[^\n -~]/.test(text)

describe('taking the launcher from stdin', () => {
  test('its text is ASCII', () => {
    expect(isAscii(launcherText())).toBe(true)
    expect(isAscii(probeScript('mark', '/häuser'))).toBe(true)
  })

  test('the line passes as it is through every login shell', () => {
    expect(runBySh(takeLauncher(12_345))).toBe(`sh -c '${takeLauncher(12_345)}'`)
  })

  test('takes all of it, in however many pieces, and nothing of what follows', () => {
    const text = `{\n${'# 123456\n\n'.repeat(20_000)}chap_control() { cat; }\n}`
    const { stdout } = spawnSync('sh', ['-c', takeLauncher(text.length)], { input: `${text}what follows\n` })
    expect(stdout.toString()).toBe('what follows\n')
  })

  test('runs nothing of one that was cut', () => {
    const text = '{\nchap_control() { echo no; }\necho no\n}'
    for (let bytes = 0; bytes < text.length; bytes += 5) {
      const { stdout } = spawnSync('sh', ['-c', takeLauncher(text.length)], { input: text.slice(0, bytes) })
      expect(stdout.toString()).toBe('')
    }
  })
})

describe('the text that is sent', () => {
  testWith('bash')('has all the functions of the file, and nothing but comments is left out', () => {
    const script = readFileSync(fileURLToPath(new URL('../../../src/transport/launcher.sh', import.meta.url)), 'utf8')
    const functionsOf = (input: string): string =>
      spawnSync('bash', ['-c', 'eval "$(cat)"; declare -f'], { input, encoding: 'utf8' }).stdout
    expect(functionsOf(script)).toContain('chap_control ()')
    // bash says them in words of its own, but for what stands in quotes, where only indentation goes.
    const unindented = (text: string): string => text.replace(/^\s+/gm, '')
    expect(unindented(functionsOf(stripScript(script)))).toBe(unindented(functionsOf(script)))
  })

  test('comes over ssh in one piece', () => {
    expect(launcherText().length).toBeLessThan(32_768 - 1_024) // the hello behind it
  })

  test('begins nothing, wherever it was cut', () => {
    const text = launcherText()
    const ends = [...text.matchAll(/^\}\n\{/gm)].map(({ index }) => index + 2)
    expect(ends).toHaveLength(2)
    for (const end of [0, 1, ...ends, ...ends.map((at) => at + 1), text.length - 1]) {
      const cut = READ_LAUNCHER.replace('cat <&3', 'printf %s "$1"')
      const { status, stdout } = spawnSync('sh', ['-c', cut, 'sh', text.slice(0, end)], { input: 'hello\n' })
      expect([end, stdout.toString(), status !== 0]).toEqual([end, '', true])
    }
  })
})
