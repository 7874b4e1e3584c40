// chap attach as people meet it: on a real terminal, which it leaves as it found it, and in a pipe.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap, program, startChap } from '../rig/chap.ts'
import { expectClean, openChap, pidOfChap } from '../rig/chap-terminal.ts'
import { pickPort } from '../rig/ports.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import type { Terminal } from '../rig/terminal.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'tmux')

let spool: Spool
const terminals: Terminal[] = []

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  try {
    for (const terminal of terminals.splice(0)) terminal.close()
  } finally {
    await cleanUp(spool)
  }
})

const start = async (...words: string[]): Promise<string> =>
  (await chap(['start', '-q', ...words], { spool })).stdout.trim()

const open = (name: string, args: string, size = { columns: 100, rows: 24 }): Terminal => {
  const terminal = openChap(spool, name, size, args)
  terminals.push(terminal)
  return terminal
}

/** What leaves a terminal unusable: red drawings on the other screen, a mouse, no cursor, lines that don't wrap. */
const WILD = "printf 'before\\n\\033[?1049h\\033[31;7m\\033[?25l\\033[?1000h\\033[?7l\\033(0wild'"

/** What the shell writes then looks as ever. */
const expectUsable = (terminal: Terminal): void => {
  expectClean(terminal)
  expect(terminal.tmux('capture-pane', '-p', '-e')).not.toContain('\u001b[')
}

test('a header says what is attached to; Ctrl-C detaches, and undoes what the job turned on', async () => {
  const id = await start('-n', 'web', '-c', `${WILD}; exec sleep 1000`)
  const terminal = open('wild', 'attach web', { columns: 60, rows: 24 })
  await terminal.untilShown(/^wild$/m)
  expect(terminal.tmux('display', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag} #{mouse_any_flag}')).toBe(
    '1 0 0 1\n',
  )
  terminal.press('C-c')
  await terminal.untilShown('status 130')
  expect(terminal.screen()).toMatch(
    new RegExp(`^chap: ${id} \\(web\\): .*…; running since .*\\(\\d+s\\)\nbefore\n`, 'm'),
  )
  expect(terminal.screen()).toMatch(new RegExp(`^chap: detached; ${id} goes on; chap attach ${id}$`, 'm'))
  expectUsable(terminal)
})

test('a signal, and the end of the job, leave the terminal as clean', async () => {
  await start('-n', 'web', '-c', `${WILD}; exec sleep 1000`)
  for (const [command, signal, status] of [
    ['attach -q', 'SIGTERM', 143],
    ['logs -f', 'SIGQUIT', 131],
  ] as const) {
    const terminal = open(signal, `${command} web`)
    await terminal.untilShown(/^wild$/m)
    process.kill(pidOfChap(spool, command.split(' ')[0] ?? ''), signal)
    await terminal.untilShown(`status ${status}`)
    expectUsable(terminal)
    expect(terminal.screen()).not.toContain('chap:')
  }
  const go = `${spool.root}/go`
  const terminal = open(
    'ran',
    `run -c "${WILD.replaceAll('\\', '\\\\')}; until [ -e ${go} ]; do sleep 0.05; done; exit 3"`,
  )
  await terminal.untilShown(/^wild$/m)
  writeFileSync(go, '')
  await terminal.untilShown('status 3')
  expectUsable(terminal)
})

test('of several jobs that run one is chosen with keys, on a terminal only', async () => {
  const [first, second] = [
    await start('-n', 'aa', '-c', 'echo I am aa; exec sleep 1000'),
    await start('-n', 'bb', '-c', 'echo I am bb; exec sleep 1000'),
  ]
  const refused = await chap(['attach'], { spool })
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
  expect(refused.stderr).toContain('several jobs are running: ')

  const chosen = open('pick', `attach > ${spool.root}/out`, { columns: 80, rows: 12 })
  await chosen.untilShown(new RegExp(`attach to which\\?\\s+ID[^]*> ${second}[^]*enter attach`))
  chosen.press('Down')
  await chosen.untilShown(new RegExp(`> ${first}`))
  chosen.tmux('resize-window', '-x', '40', '-y', '8')
  await chosen.untilShown(new RegExp(`> ${first}[^]*up/down choose {2}enter attach {2}q leave:…`))
  chosen.tmux('resize-window', '-x', '80', '-y', '24')
  await chosen.untilShown(new RegExp(`> ${first}.*sleep 1000`))
  chosen.press('Enter')
  await chosen.untilShown(new RegExp(`chap: ${first} \\(aa\\)`))
  expect(chosen.tmux('display', '-p', '#{alternate_on}')).toBe('0\n')
  chosen.press('C-c')
  await chosen.untilShown('status 130')
  expectClean(chosen)

  for (const [name, leave, status] of [
    ['q', (terminal: Terminal) => terminal.type('q'), 130],
    ['escape', (terminal: Terminal) => terminal.press('Escape'), 130],
    ['interrupt', (terminal: Terminal) => terminal.press('C-c'), 130],
    ['term', () => process.kill(pidOfChap(spool, 'attach'), 'SIGTERM'), 143],
  ] as const) {
    const terminal = open(name, 'attach')
    await terminal.untilShown('attach to which?')
    leave(terminal)
    await terminal.untilShown(`status ${status}`)
    expectUsable(terminal)
    expect(terminal.screen()).not.toContain('chap:')
  }
  const both = open('both', 'attach aa bb')
  await both.untilShown(/^chap: 2 jobs here; 2 running$[\s\S]*\| I am bb/m)
  await chap(['kill', '-s', 'KILL', 'bb'], { spool })
  await chap(['wait', 'bb'], { spool })
  // The only one is no choice.
  const only = open('only', 'attach')
  await only.untilShown(new RegExp(`chap: ${first} \\(aa\\).*\nI am aa`))
})

test('a second Ctrl-C, in whatever moment, changes nothing', async () => {
  const id = await start('-c', 'echo up; exec sleep 1000')
  for (const args of [
    ['attach', id],
    ['attach', '--all', id],
    ['logs', '-f', id],
  ]) {
    const attached = startChap(args, { spool })
    await until(() => attached.said().includes('up\n'), { deadline: 20_000, what: 'its output' })
    const storm = setInterval(() => attached.kill('SIGINT'), 1)
    try {
      expect(await attached.result).toMatchObject({ exitCode: 130, signal: undefined })
    } finally {
      clearInterval(storm)
    }
  }
  expect(JSON.parse((await chap(['inspect', '--json', id], { spool })).stdout)).toMatchObject({
    state: 'running',
  })
})

test('where nobody reads what it says, a later Ctrl-C leaves with the same status', async () => {
  const id = await start('-c', 'head -c 1000000 /dev/zero >&2; exec sleep 1000')
  // Its stderr is a pipe that is full, and stays so.
  const child = spawn(process.execPath, [program, 'attach', id], {
    env: spool.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null
  await once(child.stderr, 'readable')
  await until(() => isGone() || !child.kill('SIGINT'), { deadline: 20_000, what: 'its end', every: 50 })
  expect(child).toMatchObject({ exitCode: 130, signalCode: null })
})

test('Ctrl-C in chap run, before it is known to have begun, says what became of the job', async () => {
  const config = `${spool.root}/ssh_config`
  writeFileSync(config, `Host far\n  HostName 127.0.0.1\n  Port ${await pickPort()}\n`)
  const running = startChap(['run', '-F', config, 'far', '--', 'true'], { spool })
  await until(() => running.said('stderr').includes('is pending'), { deadline: 20_000, what: 'a failed try' })
  running.kill('SIGINT')
  const { stderr, exitCode } = await running.result
  expect(exitCode).toBe(130)
  expect(stderr).toMatch(
    /^chap: (\w+) is pending: nothing listens for ssh at far .*; attempt \d+, (next try in 1 s|trying now)\nhint: .*\nchap: detached; \1 is pending: .*; still trying; chap attach \1\nhint: chap kill \1 gives it up\n$/,
  )
})

test('--new, --tail and --since say where to begin, and contradict each other', async () => {
  const id = await start('-n', 'web', '-c', 'seq 100; seq 200 203 >&2; exit 4')
  await chap(['wait', id], { spool })
  const attach = async (...words: string[]) => {
    const { stdout, stderr, exitCode } = await chap(['attach', ...words], { spool })
    return [stdout, stderr, exitCode]
  }
  expect(await attach(id, '--tail', '2')).toEqual(['99\n100\n', '202\n203\n', 4])
  expect(await attach(id, '--tail', '0')).toEqual(['', '', 4])
  expect(await attach(id, '--new')).toEqual(['', '', 4])
  expect(await attach(id, '--since', '1h')).toEqual([expect.stringMatching(/^1\n2\n/), '200\n201\n202\n203\n', 4])
  expect(await attach(id, '--since', '2100-01-01T00:00:00Z')).toEqual(['', '', 4])
  const other = await start('-c', 'seq 300 302; exit 1')
  await chap(['wait', other], { spool })
  const [stdout, stderr, exitCode] = await attach(id, other, '--tail', '1')
  expect([String(stdout).split('\n').toSorted(), exitCode]).toEqual([
    ['', `${id} | 100`, `${other} | 302`].toSorted(),
    4,
  ])
  expect(stderr).toContain(`${id} | 203\n`)
  expect(stderr).not.toContain('| 202')
  for (const words of [
    ['--new', '--tail', '1'],
    ['--new', '--since', '1h'],
    ['--since', '1h', '--tail', '1'],
    ['--fold', '--tail', '1'],
  ])
    expect(await attach(id, ...words)).toEqual(['', expect.stringMatching(/^chap: /), 2])
})

test('--sig-proxy passes Ctrl-C and SIGTERM on, and exits as the job does', async () => {
  const script = "trap 'echo INT' INT; trap 'echo TERM; exit 7' TERM; echo up; while :; do sleep 0.02; done"
  const attached = startChap(['run', '--sig-proxy', '--', 'sh', '-c', script], { spool })
  const untilSaid = (text: string) =>
    until(() => attached.said() === text, { deadline: 20_000, what: JSON.stringify(text) })
  await untilSaid('up\n')
  attached.kill('SIGINT')
  await untilSaid('up\nINT\n')
  attached.kill('SIGINT')
  await untilSaid('up\nINT\nINT\n')
  attached.kill('SIGTERM')
  expect(await attached.result).toMatchObject({ exitCode: 7, stdout: 'up\nINT\nINT\nTERM\n' })
})

test('attach --all follows what goes on, and exits as the worst of them', async () => {
  await chap(['run', '-c', 'echo over'], { spool })
  const go = `${spool.root}/go`
  const script = (status: number) => `echo up; until [ -e ${go} ]; do sleep 0.02; done; echo done; exit ${status}`
  const ids = [await start('-c', script(3)), await start('-c', script(5))]
  const attached = startChap(['attach', '--all'], { spool })
  await until(() => attached.said().match(/up\n/g)?.length === 2, { deadline: 20_000, what: 'both' })
  writeFileSync(go, '')
  const { stdout, stderr, exitCode } = await attached.result
  expect(exitCode).toBe(5)
  expect(stdout.split('\n').toSorted()).toEqual(['', ...ids.flatMap((id) => [`${id} | up`, `${id} | done`])].toSorted())
  expect(stderr).toMatch(/^chap: 2 failed \(exit \d: \w+; exit \d: \w+\)\n$/)
})

test("a job's own status 141 is no closed pipe", async () => {
  const id = await start('-c', 'echo a; exit 141')
  await chap(['wait', id], { spool })
  const all = startChap(['logs', '--all', '-f'], { spool })
  await until(() => all.said().includes(' | a\n'), { deadline: 20_000, what: 'its output' })
  const other = await start('-c', 'echo b; exit 141')
  await until(() => all.said().includes('| b\n'), { deadline: 20_000, what: 'the other' })
  await chap(['wait', other], { spool })
  all.kill('SIGINT')
  expect(await all.result).toMatchObject({ exitCode: 130 })
  expect(await chap(['attach', id, other], { spool })).toMatchObject({ exitCode: 141 })
})
