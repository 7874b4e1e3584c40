// What people look at: the live list and the full screen, on a real terminal, which they leave as they found it.
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { expectClean, openChap, pidOfChap } from '../rig/chap-terminal.ts'
import { listProcesses } from '../rig/processes.ts'
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

/** A job that runs until the file of its name is there. */
const startJob = async (name: string): Promise<string> => {
  const script = `echo ${name} is up; until [ -e ${spool.root}/${name} ]; do sleep 0.05; done; echo ${name} is done`
  const { stdout } = await chap(['start', '-q', '-n', name, '--', 'sh', '-c', script], { spool })
  return stdout.trim()
}
const endJob = (name: string): void => writeFileSync(`${spool.root}/${name}`, '')

const open = (name: string, size: { readonly columns: number; readonly rows: number }, args: string): Terminal => {
  const terminal = openChap(spool, name, size, args)
  terminals.push(terminal)
  return terminal
}
const pidOf = (command: string): number => pidOfChap(spool, command)

test('ls --watch writes only the rows that change, at every size, and leaves a clean terminal', async () => {
  const keeper = await startJob('aa')
  const terminal = open('watch', { columns: 80, rows: 24 }, 'ls --watch --sort name --format id,name,state')
  await terminal.untilShown(/aa +● running/)
  const bytes = `${spool.root}/bytes`
  terminal.tmux('pipe-pane', `exec cat > ${bytes}`)
  const id = await startJob('bb')
  await terminal.untilShown(/bb +● running/)
  endJob('bb')
  await terminal.untilShown(/bb +✓ ended/)
  terminal.tmux('pipe-pane')
  const written = await readFile(bytes, 'utf8')
  expect(written).toContain(id)
  expect(written).not.toContain(keeper)
  // Below the head and the other job; nothing is cleared but a row's rest, and once what is below all.
  expect(new Set(written.match(/(?<=\[)\d+(?=;1H)/g))).toEqual(new Set(['3']))
  expect(written).not.toMatch(/\[[12]?J/)

  terminal.tmux('resize-window', '-x', '200', '-y', '30')
  terminal.tmux('resize-window', '-x', '30', '-y', '3')
  await terminal.untilShown(/^ID +NAME +STATE[^\n]*\n[^\n]*running[^\n]*\n[^\n]*ended/)
  terminal.tmux('resize-window', '-x', '80', '-y', '24')
  await terminal.untilShown(/aa +● running/)
  process.kill(pidOf('ls'), 'SIGQUIT')
  await terminal.untilShown('status 131')
  // What was seen last stays.
  expect(terminal.screen()).toMatch(new RegExp(`${keeper} +aa +● running`))
  expectClean(terminal)
})

test('top: choose, filter, kill, attach and come back, resize, leave', async () => {
  const [first, second] = [await startJob('aa'), await startJob('bb')]
  const terminal = open('top', { columns: 80, rows: 24 }, 'top')
  await terminal.untilShown(new RegExp(`> ${second}[\\s\\S]*bb is up`))
  expect(terminal.screen()).toMatch(/^chap top {2}2 running\n/)
  terminal.type('j')
  await terminal.untilShown(new RegExp(`> ${first}[\\s\\S]*── ${first}[\\s\\S]*aa is up`))
  terminal.tmux('resize-window', '-x', '200', '-y', '30')
  await terminal.untilShown(new RegExp(`> ${first}.*until \\[ -e .*done'\n── ${first}[\\s\\S]*\n{10,}up/down`))
  terminal.tmux('resize-window', '-x', '80', '-y', '24')

  terminal.press('Enter')
  await terminal.untilShown(/Ctrl-C goes back to top\s+aa is up/)
  expect(terminal.tmux('display', '-p', '#{alternate_on}')).toBe('0\n')
  terminal.press('C-c')
  await terminal.untilShown(new RegExp(`chap top {2}2 running[\\s\\S]*> ${first}`))

  terminal.type('x')
  await terminal.untilShown(`end ${first} with everything that it started? y/n`)
  terminal.type('y')
  await terminal.untilShown(/chap top {2}1 running, 1 signaled/)
  terminal.type('/state=failed')
  await terminal.untilShown(/chap top {2}1 signaled[\s\S]*state=failed/)
  expect(terminal.screen()).not.toContain(second)
  terminal.press('Enter')
  // It has ended: what it said is shown, and a person has time to read it.
  terminal.press('Enter')
  await terminal.untilShown(/aa is up[\s\S]*Enter goes back to top/)
  terminal.press('Enter')
  await terminal.untilShown(/chap top {2}1 signaled {2}only: state=failed/)
  terminal.type('?')
  await terminal.untilShown('any key goes back')
  terminal.type('qq')
  await terminal.untilShown('status 0')
  expectClean(terminal)
})

test('top tells a job that ended with 130 from one that was left', async () => {
  await chap(['run', '--', 'sh', '-c', 'exit 130'], { spool })
  const terminal = open('top', { columns: 80, rows: 24 }, 'top')
  await terminal.untilShown('1 signaled')
  terminal.press('Enter')
  await terminal.untilShown(/ended with 130; Enter goes back to top/)
  terminal.press('Enter')
  await terminal.untilShown(/chap top {2}1 signaled/)
  terminal.type('q')
  await terminal.untilShown('status 0')
})

test('top leaves a clean terminal when it is ended, stopped, or the terminal goes away', async () => {
  await startJob('aa')
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGQUIT', 131],
  ] as const) {
    const terminal = open(signal, { columns: 200, rows: 50 }, 'top')
    await terminal.untilShown(/> [\s\S]*aa is up/)
    process.kill(pidOf('top'), signal)
    await terminal.untilShown(`status ${status}`)
    expectClean(terminal)
  }

  const gone = open('gone', { columns: 80, rows: 24 }, 'top')
  await gone.untilShown(/> [\s\S]*aa is up/)
  const pid = pidOf('top')
  gone.tmux('kill-pane', '-t', '0')
  terminals.pop()
  await until(() => listProcesses().every((one) => one.pid !== pid), { deadline: 10_000, what: 'the end of top' })
})

test('where there is no terminal: top refuses, ls --watch prints a line for each change', async () => {
  const top = await chap(['top'], { spool })
  expect(top).toMatchObject({ exitCode: 2, stdout: '' })
  expect(top.stderr).toContain('chap: top needs a terminal')
  expect(await chap(['ls', '--watch', '-q'], { spool })).toMatchObject({ exitCode: 2 })

  const watching = startChap(['ls', '--watch', '--format', '{name} {state} {last}'], { spool })
  await startJob('aa')
  await until(() => watching.said().includes('aa running aa is up\n'), { deadline: 20_000, what: 'the running job' })
  endJob('aa')
  await until(() => watching.said().includes('aa ended aa is done\n'), { deadline: 20_000, what: 'the ended job' })
  watching.kill('SIGTERM')
  expect(await watching.result).toMatchObject({ exitCode: 143, stderr: '' })
})

test('ls --disk says what each job takes, and all of them', async () => {
  await startJob('aa')
  const { stdout, stderr } = await chap(['ls', '--disk', '--json', '--filter', 'name=a*'], { spool })
  const [job] = JSON.parse(stdout) as { readonly disk_bytes: number }[]
  // Four spares of a block each, at the least.
  expect(job?.disk_bytes).toBeGreaterThanOrEqual(16_384)
  expect(stderr).toMatch(/^chap: 1 job takes \d+(\.\d)?K on disk; \d+(\.\d)?[KMGT] free\n$/)
})
