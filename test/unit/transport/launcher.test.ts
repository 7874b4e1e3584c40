// What takes the launcher at the other end counts characters where it means bytes.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { probeScript } from '../../../src/cli/doctor/probe-script.ts'
import { launcherText, takeLauncher } from '../../../src/transport/launcher.ts'
import { runBySh } from '../../../src/transport/quote.ts'

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
