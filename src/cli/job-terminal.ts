/**
 * The terminal while the output of jobs goes to it. Their bytes pass as they are; what these turn on is turned off again at the end, however that
 * comes. What chap says begins a line of its own. Where there is no terminal, all of this is nothing.
 */
import type { Stream } from '../index.ts'
import type { Context, Output } from './context.ts'
import { fitText } from './safe-text.ts'
import { dieOf } from './terminal.ts'
import { isUnseen, leavesScreen, trackModes } from './terminal-modes.ts'

const ERASE = '\r\u001b[K'
const NEWLINE = 10
/** Bytes behind the last newline: of more, some are seen. */
const FEW = 256
/** Columns that a line below the others leaves free: a terminal shows `^C` there. */
const ROOM = 3
/** Ctrl-C is each command's own affair. */
export const DEADLY: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGQUIT']
/** For a command that Ctrl-C ends as it ends any program. */
export const UNTIL_INTERRUPTED: readonly NodeJS.Signals[] = [...DEADLY, 'SIGINT']

export interface JobTerminal {
  /** For the bytes of jobs. */
  readonly bytes: Context
  /** For what chap says. */
  readonly words: Context
  /** A line below all others, on a terminal only: each takes the place of the one before. null: none. */
  readonly showStatus: (text: string | null) => void
  /** Ctrl-C was pressed: most terminals have shown it. */
  readonly noteInterrupt: () => void
  /** As it was before. */
  readonly restore: () => Promise<void>
}

/** @param deadly signals that end chap; Ctrl-C among them, where the command does not detach by it */
export const openJobTerminal = (context: Context, deadly: readonly NodeJS.Signals[] = DEADLY): JobTerminal => {
  const { stdout, stderr } = context
  const modes = trackModes()
  let isLineStart = true
  let isEchoed = false
  let status = ''
  let release: (() => void) | undefined

  const erase = (): void => {
    if (status !== '') void stderr.write(ERASE)
    status = ''
  }
  const restore = async (): Promise<void> => {
    erase()
    const undo = modes.undo()
    guard()
    if (undo === '') return
    if (leavesScreen(undo)) isLineStart = false
    await (stdout.isTerminal ? stdout : stderr).write(undo)
  }
  /** Only while there is something to put back: a terminal that takes nothing shall not keep a signal from ending chap. */
  const guard = (): void => {
    if (status === '' && !modes.isChanged()) {
      release?.()
      release = undefined
      return
    }
    release ??= context.onSignal(deadly, (signal) => {
      // A terminal has taken it when the call returns.
      void restore()
      dieOf(signal)
    })
  }
  const forBytes = (stream: Stream): Output => ({
    ...sizeOf(context[stream]),
    write: (chunk) => {
      // Also where it goes through a pipe: what reads there may write to this terminal.
      erase()
      if (!context[stream].isTerminal) return context[stream].write(chunk)
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      modes.take(stream, bytes)
      isLineStart = endsLine(bytes, isLineStart)
      guard()
      return context[stream].write(chunk)
    },
  })
  const forWords: Output = {
    ...sizeOf(stderr),
    write: (chunk) => {
      erase()
      guard()
      // Over the `^C`, where that stands alone.
      const start = isLineStart ? (isEchoed ? '\r' : '') : '\n'
      isLineStart = true
      isEchoed = false
      return stderr.write(`${start}${chunk}`)
    },
  }
  const isAnyTerminal = stdout.isTerminal || stderr.isTerminal
  return {
    bytes: isAnyTerminal ? { ...context, stdout: forBytes('stdout'), stderr: forBytes('stderr') } : context,
    words: { ...context, stderr: stderr.isTerminal ? forWords : stderr },
    showStatus: (text) => {
      if (text === null) return erase()
      // Not over what a job has begun to write.
      if (!stderr.isTerminal || !isLineStart) return
      const line = fitText(text, stderr.columns - ROOM)
      if (line === status) return
      void stderr.write(`${ERASE}${line}`)
      status = line
      guard()
    },
    noteInterrupt: () => {
      isEchoed = true
    },
    restore,
  }
}

const sizeOf = (output: Output): Omit<Output, 'write'> => ({
  isTerminal: output.isTerminal,
  get columns() {
    return output.columns
  },
})

/** Is the cursor at the start of an empty line then? */
const endsLine = (bytes: Uint8Array, wasLineStart: boolean): boolean => {
  if (bytes.at(-1) === NEWLINE) return true
  const newline = bytes.lastIndexOf(NEWLINE)
  if (newline < 0 && !wasLineStart) return false
  const rest = bytes.subarray(newline + 1)
  return rest.length <= FEW && isUnseen(Buffer.from(rest).toString('latin1'))
}
