// What is installed to run at boot, as text: each word gets through, and a crontab keeps what is not chap's.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { chooseKind } from '../../../src/cli/autostart/choose.ts'
import { putLine } from '../../../src/cli/autostart/crontab.ts'
import { isTextOf, KINDS, taskOf, textOf } from '../../../src/cli/autostart/task.ts'

const task = {
  argv: ['/opt/my node/bin/node', '/srv/50%/chap.js', 'recover', '--all'],
  env: { PATH: '/usr/bin:/bin', CHAP_SPOOL: `/srv/it's "$HOME" & <more>\\` },
}

test('the unit leaves chaperones alone, and quotes as systemd reads', () => {
  const unit = textOf('systemd', task)
  expect(unit).toContain('\nKillMode=process\n')
  expect(unit).toContain('\nWantedBy=default.target\n')
  expect(unit).toContain('\nExecStart="/opt/my node/bin/node" "/srv/50%%/chap.js" "recover" "--all"\n')
  // $ means nothing in Environment=, and a variable in ExecStart=.
  expect(unit).toContain(`\nEnvironment="CHAP_SPOOL=/srv/it's \\"$HOME\\" & <more>\\\\"\n`)
  expect(textOf('systemd', { argv: ['/a$b'], env: {} })).toContain('\nExecStart="/a$$b"\n')
})

test("cron's line is one line, that sh reads as it was meant", () => {
  const line = textOf('cron', { ...task, argv: ['printf', '%s|', '$CHAP_SPOOL', 'a b'] })
  const [, command = ''] = /^@reboot (.*) # made by chap autostart\n$/.exec(line) ?? []
  // As cron does: \% is %, and % alone would be a newline.
  expect(command).not.toMatch(/(?<!\\)%/)
  const said = execFileSync('sh', ['-c', command.replaceAll('\\%', '%')], { encoding: 'utf8' })
  expect(said).toBe('$CHAP_SPOOL|a b|')
  const shown = command.replaceAll('\\%', '%').replace(/ printf .*/, ' printenv CHAP_SPOOL')
  expect(execFileSync('sh', ['-c', shown], { encoding: 'utf8' })).toBe(`${task.env.CHAP_SPOOL}\n`)
})

test('the launch agent is whole, and leaves chaperones alone', () => {
  const plist = textOf('launchd', task)
  expect(plist).toContain('<key>AbandonProcessGroup</key>\n  <true/>')
  expect(plist).toContain('<key>RunAtLoad</key>\n  <true/>')
  expect([...plist.matchAll(/^ {4}<string>(.*)<\/string>$/gm)].map(([, word]) => word)).toEqual([
    ...task.argv,
    '/usr/bin:/bin',
    `/srv/it's "$HOME" &amp; &lt;more&gt;\\`,
  ])
})

test('a crontab keeps its other lines, byte for byte', () => {
  const line = '@reboot true # made by chap autostart\n'
  expect(putLine('', line)).toBe(line)
  expect(putLine(line, line)).toBe(line)
  const others = "MAILTO=me\n\n# a note  \n0 4 * * *\tbackup '%'\n"
  expect(putLine(others, line)).toBe(others + line)
  expect(putLine(`@reboot old # made by chap autostart\n${others}`, line)).toBe(others + line)
  expect(putLine(`${others}${line}`, '')).toBe(others)
  expect(putLine('0 4 * * * last', line)).toBe(`0 4 * * * last\n${line}`)
  expect(putLine('0 4 * * * last', '')).toBe('0 4 * * * last')
})

test('what is run is this chap, in this spool, where it is not the usual one', () => {
  const usual = taskOf({ env: { PATH: '/bin:/bin:/usr/bin' }, spool: '/home/me/.local/state/chap' })
  expect(usual).toEqual({
    argv: [process.execPath, expect.stringMatching(/\/bin\/chap\.js$/), 'recover', '--all'],
    env: { PATH: '/bin:/usr/bin' },
  })
  const config = (value: string) => taskOf({ env: { CHAP_CONFIG: value }, spool: '/data/chap' }).env['CHAP_CONFIG']
  expect(['mine.toml', '/a', 'none', ''].map(config)).toEqual([`${process.cwd()}/mine.toml`, '/a', 'none', undefined])
  expect(taskOf({ env: { XDG_STATE_HOME: '/data' }, spool: '/data/chap' }).env).toEqual({ CHAP_SPOOL: '/data/chap' })
})

test('on macOS it is launchd; where there is nothing, that is said', () => {
  expect(chooseKind({ env: {} }, undefined, 'darwin')).toBe('launchd')
  expect(chooseKind({ env: {} }, 'cron', 'darwin')).toBe('cron')
})

test.each(KINDS)('%s: another PATH is the same command, another spool is not', (kind) => {
  const text = textOf(kind, task)
  const change = (env: Record<string, string>) => ({ ...task, env: { ...task.env, ...env } })
  expect(isTextOf(kind, task, text)).toBe(true)
  expect(isTextOf(kind, change({ PATH: '/opt/a b/bin:/bin' }), text)).toBe(true)
  expect(isTextOf(kind, task, textOf(kind, change({ PATH: "/it's" })))).toBe(true)
  expect(isTextOf(kind, change({ CHAP_SPOOL: '/other' }), text)).toBe(false)
  expect(isTextOf(kind, { ...task, argv: ['/usr/bin/node'] }, text)).toBe(false)
})
