// chap autostart with cron's own crontab, of an account of the rig's; and with systemd's files, which systemd-analyze looks at.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { find, kill, start } from 'chap-jobs'
import { afterEach, beforeEach, expect } from 'vitest'
import { createAccounts } from '../rig/accounts.ts'
import { chap } from '../rig/chap.ts'
import { enterSpool, good } from '../rig/library.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool
let env: Record<string, string>

beforeEach(async () => {
  spool = await enterSpool()
  mkdirSync(`${spool.root}/bin`)
  env = { PATH: `${spool.root}/bin:${spool.env['PATH']}` }
})
afterEach(() => cleanUp(spool))

const autostart = (...args: string[]) => chap(['autostart', ...args], { spool, env })

const putProgram = (name: string, script: string): void => {
  writeFileSync(`${spool.root}/bin/${name}`, `#!/bin/sh\n${script}\n`)
  chmodSync(`${spool.root}/bin/${name}`, 0o755)
}

testWith(
  'linux',
  'root',
  'crontab',
)('cron: one line, whatever is asked how often, and it brings a job back', async () => {
  const account = (await createAccounts()).get('nologin')
  if (account === undefined) throw new Error('there is no account')
  // root's own crontab is nobody's to play with.
  const crontab = needProgram('crontab')
  const own = (...args: string[]) =>
    execFileSync(crontab, ['-u', account.user, ...args], { encoding: 'latin1', stdio: ['pipe', 'pipe', 'ignore'] })
  putProgram('crontab', `exec ${crontab} -u ${account.user} "$@"`)
  const others = '# mine, and of other times: \xe4\xff  \nMAILTO=""\n0 4 1 1 *\ttrue\n'
  execFileSync(crontab, ['-u', account.user, '-'], { input: Buffer.from(others, 'latin1') })
  try {
    expect(await autostart('status')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('chap autostart enable'),
    })
    for (const _ of ['once', 'again'])
      expect(await autostart('enable', '--by', 'cron')).toMatchObject({ exitCode: 0, stdout: '' })
    const line = (await autostart('show', '--by', 'cron')).stdout
    expect(own('-l')).toBe(others + line)
    expect(await autostart('status')).toMatchObject({ exitCode: 0, stderr: 'chap: enabled by cron: crontab\n' })
    expect((await chap(['autostart', 'status'], { spool })).exitCode).toBe(1)

    const { id } = good(await start({ program: ['sleep', '1000'] }))
    const { state } = good(await find(id))
    process.kill((state.ok && state.value.chaperonePid) || 0, 'SIGKILL')
    await until(async () => good(await find(id)).verdict === 'orphaned', { deadline: 10_000, what: 'an orphan' })
    // As cron would at boot: no environment to speak of.
    const command = line.replace('@reboot ', '').replaceAll('\\%', '%')
    execFileSync('/bin/sh', ['-c', command], { env: { HOME: spool.home } })
    expect(good(await find(id)).verdict).toBe('attended')
    await kill(id, { grace: 0 })

    expect(await autostart('disable')).toMatchObject({ exitCode: 0, stderr: 'chap: removed from crontab\n' })
    expect(own('-l')).toBe(others)
    expect((await autostart('disable')).stderr).toBe('chap: there was nothing to remove\n')
  } finally {
    own('-r')
  }
})

testWith('linux')(
  'systemd: a unit that is found at boot, in place of another starter; and nothing else is touched',
  async () => {
    putProgram('systemctl', `echo "$@" >>${spool.root}/asked`)
    putProgram('loginctl', 'echo no')
    putProgram('crontab', '[ "$1" = -l ] && echo "no crontab for you" >&2; exit 1')
    const unit = `${spool.home}/.config/systemd/user/chap-recover.service`
    const link = `${spool.home}/.config/systemd/user/default.target.wants/chap-recover.service`
    expect((await autostart('enable', '--by', 'launchd')).exitCode).toBe(0)
    expect(JSON.parse((await autostart('status', '--json')).stdout)).toMatchObject({ by: 'launchd', stale: false })
    const { stderr } = await autostart('enable', '--by', 'systemd')
    expect(stderr).toBe(
      `chap: chap recover --all will run when you log in: ${unit}\nhint: loginctl enable-linger has it run at boot\n`,
    )
    expect(readFileSync(link, 'utf8')).toBe((await autostart('show', '--by', 'systemd')).stdout)
    expect(readFileSync(`${spool.root}/asked`, 'utf8')).toBe('--user daemon-reload\n')
    expect(JSON.parse((await autostart('status', '--json')).stdout)).toEqual({
      enabled: true,
      by: 'systemd',
      place: unit,
      stale: false,
    })
    expect((await chap(['doctor'], { spool, env })).stdout).toContain(
      `ok    after a boot  systemd runs chap recover --all: ${unit}`,
    )
    // For another spool it is another command.
    const other = { ...env, CHAP_SPOOL: `${spool.root}/other` }
    expect((await chap(['autostart', 'status'], { spool, env: other })).stderr).toContain(
      'not as enable would write it now',
    )

    expect((await autostart('disable')).stderr).toBe(`chap: removed from ${unit}\n`)
    expect([existsSync(unit), existsSync(link)]).toEqual([false, false])

    writeFileSync(unit, '[Unit]\n')
    for (const what of ['enable', 'disable'])
      expect(await autostart(what, ...(what === 'enable' ? ['--by', 'systemd'] : []))).toMatchObject({
        exitCode: 125,
        stderr: `chap: ${unit} is there, and not chap's\nhint: move it away first\n`,
      })
    expect(readFileSync(unit, 'utf8')).toBe('[Unit]\n')
  },
)

testWith('linux')('a crontab of BusyBox, which says otherwise that there is no table', async () => {
  // Debian's has no such applet: there it is told in the words of 1.35.
  const table = `${spool.root}/table`
  putProgram(
    'crontab',
    `case $1 in
-l) [ -e ${table} ] && exec cat ${table}; echo "crontab: can't open 'me': No such file or directory" >&2; exit 1;;
-r) exec rm ${table};;
*) exec cat >${table};;
esac`,
  )
  expect(await autostart('enable', '--by', 'cron')).toMatchObject({ exitCode: 0, stdout: '' })
  expect(readFileSync(table, 'utf8')).toBe((await autostart('show', '--by', 'cron')).stdout)
  expect(await autostart('disable')).toMatchObject({ exitCode: 0, stderr: 'chap: removed from crontab\n' })
  expect(existsSync(table)).toBe(false)
  const noPlace = "can't change directory to '/var/spool/cron/crontabs': No such file or directory"
  putProgram('crontab', `echo "crontab: ${noPlace}" >&2; exit 1`)
  expect(await autostart('enable', '--by', 'cron')).toMatchObject({
    exitCode: 125,
    stderr: `chap: crontab: crontab: ${noPlace}\n`,
  })
})

testWith('linux')('a crontab that says no is heard, and doctor shows what would be installed', async () => {
  putProgram('crontab', 'echo "You (me) are not allowed to use this program (crontab)" >&2; exit 1')
  expect(await autostart('enable', '--by', 'cron')).toMatchObject({
    exitCode: 125,
    stderr: 'chap: crontab: You (me) are not allowed to use this program (crontab)\n',
  })
  const line = (await autostart('show', '--by', 'cron')).stdout
  putProgram('crontab', `[ "$1" = -l ] && exec cat ${spool.root}/table; echo 'disk full' >&2; exit 1`)
  writeFileSync(`${spool.root}/table`, line)
  expect(await autostart('disable')).toMatchObject({ exitCode: 125, stderr: 'chap: crontab: disk full\n' })
  putProgram('crontab', 'echo no crontab >&2; exit 1')
  const { stdout } = await chap(['doctor'], { spool, env })
  expect(stdout).toMatch(
    /^skip {2}after a boot .*\n +hint: chap autostart enable, or by hand \(.*\):\n +(@reboot|# made by)/m,
  )
})
