// Each code that a person may meet stands in the manual, with what to do: a new one does not compile here before it has a row there.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Problem } from '../../src/cli/problem.ts'
import { wordsOfFault } from '../../src/cli/words.ts'
import type { CallbackFault } from '../../src/domain/callback-reply.ts'
import { type FaultCode, PERMANENT, type PermanentCode } from '../../src/domain/fault.ts'
import type { RefusedReason, UnknownReason } from '../../src/domain/outcome.ts'

const manual = readFileSync(new URL('../../src/manual/errors.md', import.meta.url), 'utf8')

const faults: Record<FaultCode, true> = {
  ...{ authentication: true, host_key: true, refused: true, unknown_host: true, unreachable: true, timeout: true },
  ...{ busy: true, lost: true, silent: true, no_shell: true, no_directory: true, no_processes: true },
  ...{ sudo_denied: true, no_program: true, superseded: true, usage: true, disk_full: true, remote_disk_full: true },
  no_holes: true,
}

const refusals: Record<Exclude<RefusedReason, PermanentCode>, true> = {
  ...{ stopped: true, launch_interrupted: true, gave_up: true },
}

const unknowns: Record<UnknownReason, true> = {
  ...{ rebooted: true, supervisor_died: true, directory_gone: true, disconnected: true, record_unreadable: true },
  gave_up: true,
}

const problems: Record<Problem['code'], true> = {
  ...{ usage: true, document: true, no_json: true, id_taken: true, node_set: true, no_such_job: true },
  ...{ ambiguous: true, none_running: true, several_running: true, spool: true, config: true, autostart: true },
  ...{ unreadable: true, gone: true, unattended: true, secret: true, elsewhere: true, no_such_run: true },
  ...{ short: true, not_ended: true, not_collected: true, on_exit_pending: true, callback_pending: true },
  ...{ undelivered: true, kill_pending: true, between_runs: true, not_understood: true, stdin_not_open: true },
  ...{ input_ended: true, input_closed: true, timed_out: true, detached: true, system: true },
}

const callbacks: Record<CallbackFault['code'], true> = {
  ...{ refused: true, unavailable: true, unreachable: true, tls: true },
  ...{ timeout: true, lost: true, redirect: true, disagrees: true },
}

/** The rows below a heading, without the two of the table's head: the codes in the first cell, and the others. */
const rowsBelow = (
  title: string,
): readonly { readonly codes: readonly string[]; readonly cells: readonly string[] }[] => {
  const [, text = ''] = manual.split(`\n## ${title}\n`)
  const [own = ''] = text.split('\n## ')
  return own
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1))
    .map(([first = '', ...cells]) => ({
      codes: [...first.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
      cells: cells.map((cell) => cell.trim()),
    }))
}

test.each([
  ['A host that is not reached', faults],
  ['A job that never began', refusals],
  ['A job whose status nobody knows', unknowns],
  ["A command of chap's that could not do it", problems],
  ["A callback's receiver that does not take it", callbacks],
])('%s: each code has its row, and each row a code', (title, codes) => {
  const rows = rowsBelow(title)
  expect(rows.flatMap((row) => row.codes).toSorted()).toEqual(Object.keys(codes).toSorted())
  expect(rows.flatMap((row) => row.cells).filter((cell) => cell === '')).toEqual([])
})

test('what is said of a host is there word for word, and so is what is final', () => {
  const rows = new Map(rowsBelow('A host that is not reached').map(({ codes: [code = ''], cells }) => [code, cells]))
  for (const code of Object.keys(faults) as FaultCode[]) {
    const [said, final] = rows.get(code) ?? []
    expect(said).toContain(wordsOfFault({ code, evidence: '' }, 'gpu1').message)
    expect(final, code).toBe(PERMANENT.some((one) => one === code) ? 'yes' : 'no')
  }
})
