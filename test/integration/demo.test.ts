// `npm run demo`, which is the first that a stranger sees: it passes unattended, shows a reconnect, and leaves nothing behind.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from 'vitest'
import { testWith } from '../rig/requires.ts'

const demo = fileURLToPath(new URL('../rig/demo', import.meta.url))

testWith('linux', 'sshd', 'ssh')(
  'the demo shows a job that outlives its server, and one that outlives its chaperone',
  async () => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: tmpdir(), CHAP_DEMO_AS_BUILT: '1' }
    // Through one pipe, as on a terminal: of two the order is not known.
    const shown = await execa('sh', ['-c', 'exec "$0" 2>&1', demo], {
      env,
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    })
    const { stdout: all, exitCode } = shown
    expect(exitCode, all).toBe(0)
    // Whether it is said that the link is restored, or the job has ended by then, is a matter of how busy this machine is.
    expect(all).toMatch(/link to gpu1 lost.*reconnecting \(.*line 36 of 36.*orphaned.*a new one took over/s)
    const [, place = ''] = /All that the demo makes is in (\S+)\./.exec(all) ?? []
    expect(place).toContain('chap-demo')
    expect(existsSync(place)).toBe(false)
  },
  200_000,
)
