/** A link that talks to the launcher: one control session, and a follower for each stream where the output is not here already. */
import { statSync } from 'node:fs'
import type { Fault, FaultCode } from '../domain/fault.ts'
import { type Gap, parseGaps } from '../domain/gaps.ts'
import type { Report, Sizes } from '../domain/report.ts'
import type { Spec } from '../domain/spec.ts'
import type { Child } from './child.ts'
import { commandText } from './command-text.ts'
import { type Control, startControl } from './control.ts'
import { startFeeding } from './feeding.ts'
import { startFollower } from './follower.ts'
import { startFollowing } from './following.ts'
import type { Link, LinkListener, Opened } from './link.ts'
import { startListening } from './listening.ts'
import type { Hello } from './protocol.ts'
import { quoteWord } from './quote.ts'
import { watchSilence } from './silence.ts'
import { type LinkFiles, OWN_WORDS_MS, type Transport } from './transport.ts'
import { aborted, after } from './waiting.ts'

const STREAMS = ['stdout', 'stderr'] as const

/** Milliseconds in which what a control session said at last is read. */
const LAST_ANSWER_MS = 1_000

/** Milliseconds that login shells get to end behind their followers. */
const LOGIN_SHELLS_MS = 1_000

/**
 * A follower ended, and there is a gap: goes on at it, or behind it.
 * @returns the offset to follow from; null: that is not why it ended
 */
export type Skip = (stream: 'stdout' | 'stderr', gap: Gap) => number | null

export interface LauncherLinkOptions {
  readonly spec: Spec
  readonly hello: Hello
  readonly files: LinkFiles
  /** Where some of the output may not be kept; null: all is. */
  readonly skip: Skip | null
  readonly transport: Transport
  /** How often a question that goes unanswered is asked before the link is silent; null: the transport sees to that. */
  readonly keepalive: Spec['keepalive'] | null
  /** Called when the link is given up since the network takes nothing; null: that is left to keepalives. */
  readonly onDoubtful: (() => void) | null
  /** Milliseconds for the whole way to the greeting. */
  readonly deadline: number
  /** Gives the opening up. */
  readonly signal: AbortSignal
}

export const openLauncherLink = async (options: LauncherLinkOptions, listener: LinkListener): Promise<Opened> => {
  const { transport, hello, deadline, signal } = options
  const child = transport.control()
  if (child.stdin === null || child.stdout === null) {
    // No file descriptor, or no process, to be had.
    const fault = transport.explain(await child.exited, [], false)
    await transport.end()
    return { ok: false, fault }
  }
  const control = startControl(child, hello, listener.onReport)
  const limit = after(deadline + OWN_WORDS_MS)
  const first = await Promise.race([
    control.greeted,
    child.exited.then((status) => ({ status })),
    Promise.race([limit.over, aborted(signal)]).then(() => 'timeout' as const),
  ])
  limit.cancel()
  if (first !== 'timeout' && 'dir' in first) {
    const link = makeLink(options, control, first.dir, listener, child)
    return { ok: true, link, report: first.report }
  }
  await transport.end()
  return { ok: false, fault: faultOf(first, options, control) }
}

const faultOf = (
  first: 'timeout' | { status: number | null | Error } | { declined: { verb: string; words: readonly string[] } },
  { transport, deadline }: LauncherLinkOptions,
  { noise }: Control,
): Fault => {
  if (first === 'timeout') {
    const said = transport.explain(null, noise, false).evidence
    return { code: 'timeout', evidence: `no answer within ${deadline / 1000} s (${said})` }
  }
  if ('status' in first) return transport.explain(first.status, noise, false)
  const { verb, words } = first.declined
  if (verb === 'superseded') return { code: 'superseded', evidence: words.join(' ') }
  const [what, ...evidence] = words
  return { code: REFUSALS[what ?? ''] ?? 'no_directory', evidence: evidence.join(' ') }
}

const REFUSALS: Readonly<Record<string, FaultCode>> = {
  processes: 'no_processes',
  holes: 'no_holes',
  room: 'remote_disk_full',
}

const makeLink = (
  { spec, hello, files, skip, transport, keepalive, onDoubtful }: LauncherLinkOptions,
  control: Control,
  dir: string,
  listener: LinkListener,
  child: Child,
): Link => {
  let state: 'up' | 'discarding' | 'discarded' | 'lost' | 'closed' = 'up'
  const lose = (fault: Fault): void => {
    if (state !== 'up' && state !== 'discarding') return
    state = 'lost'
    following?.stop()
    endWatch()
    listener.onLost(fault)
  }
  const endWatch =
    keepalive === null
      ? () => undefined
      : watchSilence(
          () => control.ask('beat'),
          keepalive,
          (evidence) => lose({ code: 'silent', evidence }),
        )
  const resends = onDoubtful === null ? undefined : transport.resends
  void child.exited.then(async (status) => {
    // The launcher goes after its answer, which may not have been read yet. Without one, nobody knows what is left there.
    if (state === 'discarding') await after(LAST_ANSWER_MS).over
    lose(transport.explain(status, control.noise, true))
  })

  const launcher = (...words: readonly string[]): string =>
    `exec sh ${[`${dir}/launcher`, ...words].map(quoteWord).join(' ')}`

  const { session } = transport
  const following =
    session === null
      ? null
      : startFollowing({
          files,
          streams: spec.series === null ? STREAMS : [...STREAMS, 'runs'],
          output: control.output,
          start: (stream, from) =>
            startFollower(
              session,
              launcher,
              { dir, generation: hello.generation, stream },
              files[stream],
              from,
              control.isNoisy() ? `CHAP1 ${hello.nonce} ${stream}` : null,
            ),
          onFailed: lose,
          onEnded: (stream, fault) => {
            // Discarding ends them.
            if (state === 'up' && (fault !== null || hello.policy === 'keep'))
              void goOn(stream, fault ?? { code: 'lost', evidence: `the follower of ${stream} ended` })
          },
        })

  /** Behind a gap, if it is one that ended it. Without a connection there is no answer, and that is told otherwise. */
  const goOn = async (stream: keyof Sizes, fault: Fault): Promise<void> => {
    if (skip === null || stream === 'runs') return lose(fault)
    const { words } = await control.ask('gaps')
    if (state !== 'up') return
    const gap = parseGaps(words.join(' '))[stream]
    const from = gap === undefined ? null : skip(stream, gap)
    if (from === null) lose(fault)
    else following?.again(stream, from)
  }

  const upload = async (): Promise<void> => {
    // One that stays open is brought there piece by piece.
    if (!spec.hasStdin || spec.stdinOpen || session === null) return
    const size = String(statSync(files.stdin).size)
    const sent = session(launcher('take', dir, 'stdin', size), {
      stdin: files.stdin,
      stdout: null,
      mark: null,
    })
    const fault = await sent.ended
    if (fault !== null) lose(fault)
  }

  let roundTrip = 0
  const prepare = async (): Promise<Report> => {
    const start = performance.now()
    const line = await control.ask('prepare')
    roundTrip = performance.now() - start
    return control.report(line)
  }

  const launch = async (): Promise<Report> => {
    await upload()
    // Output that is stored nowhere flows only when its readers are there.
    if (hello.policy === 'kill') following?.follow({ stdout: 0, stderr: 0 })
    const text = commandText(spec)
    const start = performance.now()
    const report = control.report(await control.ask(`launch ${Buffer.byteLength(text)}`, text))
    // A series does not end soon.
    if (report.kind === 'running' && spec.series === null) following?.launched(performance.now() - start - roundTrip)
    return report
  }

  return {
    prepare,
    launch,
    signal: async (signal, isStop) => {
      const stop = isStop && spec.series !== null ? ' stop' : ''
      const { words, ...line } = await control.ask(`signal ${signal.slice(3)}${stop}`)
      const [verb, ...rest] = words
      return { sent: line.verb === 'sent=1', report: control.report({ ...line, verb: verb ?? '', words: rest }) }
    },
    goOn: async ({ stdout, stderr, runs = 0 }, reached) =>
      control.report(await control.ask(`continue ${reached} ${stdout} ${stderr} ${runs}`)),
    look: async () => control.report(await control.ask('status')),
    follow: (from) => following?.follow(from),
    feed: startFeeding(control.ask, files.stdin, session === null, listener.onFed),
    streamsEnded: () => following?.streamsEnded() ?? true,
    listen:
      resends === undefined
        ? () => false
        : startListening(control, resends, (evidence) => {
            onDoubtful?.()
            lose({ code: 'silent', evidence })
          }),
    beat: async () => {
      await control.ask('beat')
    },
    discard: async () => {
      state = 'discarding'
      endWatch() // removing much takes its time
      const { words } = await control.ask('discard')
      if (state === 'discarding') state = 'discarded'
      // It ended the followers there; their login shells end by themselves then, and a closed connection would not wait for them.
      const limit = after(LOGIN_SHELLS_MS)
      await Promise.race([following?.over(), limit.over])
      limit.cancel()
      return words[0] === '0'
    },
    close: async () => {
      state = 'closed'
      endWatch()
      following?.stop()
      await transport.end()
    },
  }
}
