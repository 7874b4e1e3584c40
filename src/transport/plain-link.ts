/** A link without a launcher: one ssh, its output opened onto the spool's files. For hosts that have no sh; it gives what plain ssh gives. */

import type { Fault, FaultCode } from '../domain/fault.ts'
import type { Begun, ExitRecord, Report } from '../domain/report.ts'
import type { Spec } from '../domain/spec.ts'
import type { Child } from './child.ts'
import type { Link, LinkListener, Opened } from './link.ts'
import { quoteWord } from './quote.ts'
import { type LinkFiles, OWN_WORDS_MS } from './transport.ts'

export interface PlainOptions {
  readonly spec: Spec
  readonly files: LinkFiles
  /** Starts the program there; its output goes straight to the files. `authenticated` resolves when the server let us in. */
  readonly run: (
    command: string,
    files: LinkFiles,
    hasStdin: boolean,
  ) => { readonly child: Child; readonly authenticated: Promise<void> }
  /** Milliseconds in which the server must have let us in. */
  readonly deadline: number
  readonly explain: (status: number | null | Error) => Fault
  readonly now: () => number
}

const NOTHING_KNOWN: Begun = { pid: null, session: null, bootId: null }
/** ssh's exit status for a failure of its own; a program that ends with it can't be told from that. */
const AMBIGUOUS = 255

/** What ssh only says before it is let in: then the program certainly did not begin. */
const NOT_LET_IN: ReadonlySet<FaultCode> = new Set([
  'authentication',
  'host_key',
  'refused',
  'unknown_host',
  'busy',
  'usage',
])

/** The command line that ssh passes on. */
export const plainCommand = ({ program }: Pick<Spec, 'program'>): string =>
  program.argv === undefined ? program.command : program.argv.map(quoteWord).join(' ')

/** Opening is launching: without a launcher there is no asking first. The caller must open it once only. */
export const openPlainLink = async (options: PlainOptions, listener: LinkListener): Promise<Opened> => {
  const { spec, files, run, now, deadline } = options
  let launched = false
  let isLate = false
  let child: Child | undefined
  let started = now()

  const report = (status: number): Report => {
    const record: ExitRecord = {
      status,
      why: 'exit',
      late: false,
      start: started / 1000,
      end: now() / 1000,
      sizes: null,
      checksums: { stdout: null, stderr: null },
      cpu: null,
    }
    return { kind: 'ended', record, begun: NOTHING_KNOWN, groupAlive: false }
  }

  const explain = (status: number | null | Error): Fault =>
    isLate ? { code: 'timeout', evidence: `not let in within ${deadline / 1000} s` } : options.explain(status)

  const launch = async (): Promise<Report> => {
    launched = true
    started = now()
    const ran = run(plainCommand(spec), files, spec.hasStdin)
    child = ran.child
    const ended = ran.child.exited.then((status) => ({ status }))
    const timer = setTimeout(() => {
      isLate = true
      ran.child.kill()
    }, deadline + OWN_WORDS_MS)
    const first = await Promise.race([ran.authenticated, ended])
    clearTimeout(timer)
    if (first !== undefined) return endUnheard(first.status)
    void ended.then(({ status }) => {
      if (typeof status === 'number' && status !== AMBIGUOUS) listener.onReport(report(status))
      else listener.onLost(explain(status))
    })
    return { kind: 'running', begun: NOTHING_KNOWN }
  }

  /** It ended before ssh was heard to be let in. */
  const endUnheard = (status: number | null | Error): Report | Promise<Report> => {
    if (typeof status === 'number' && status !== AMBIGUOUS) return report(status)
    const fault = explain(status)
    if (NOT_LET_IN.has(fault.code)) return { kind: 'unlaunched', fault }
    listener.onLost(fault)
    return new Promise(() => undefined) // the link is lost: requests under way are never answered
  }

  const link: Link = {
    // There is no directory.
    prepare: async () => ({ kind: 'absent', fresh: true }),
    launch,
    // Without a launcher a signal reaches the connection only; the server then closes the program's streams.
    signal: async (signal) => {
      if (signal === 'SIGKILL' || signal === 'SIGTERM') child?.kill()
      return { sent: child !== undefined, report: { kind: 'running', begun: NOTHING_KNOWN } }
    },
    goOn: async () => ({ kind: 'running', begun: NOTHING_KNOWN }), // a series needs the launcher
    look: async () => (launched ? { kind: 'running', begun: NOTHING_KNOWN } : { kind: 'absent', fresh: true }),
    follow: () => undefined,
    feed: () => undefined,
    streamsEnded: () => true,
    listen: () => false,
    beat: async () => undefined,
    discard: async () => true,
    close: async () => {
      child?.kill()
      await child?.exited
    },
  }
  return { ok: true, link, report: { kind: 'absent', fresh: true } }
}
