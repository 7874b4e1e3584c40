// Our own cksum says what cksum(1) says.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { cksum } from '../../../src/domain/cksum.ts'
import { testWith } from '../../rig/requires.ts'

testWith('linux')('as cksum(1), whatever the bytes and their number', () => {
  for (const size of [0, 1, 2, 255, 256, 257, 4_096, 65_535, 65_536, 1_000_000]) {
    const input = randomBytes(size)
    const said = execFileSync('cksum', { input, encoding: 'utf8' })
    expect(said).toBe(`${cksum(input)} ${size}\n`)
  }
})
