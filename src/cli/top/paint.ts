/** Ink paints lines and reads keys: the one file that knows it. It writes only the lines that changed. */
import { Box, type Key as InkKey, type Instance, render, Text, useInput } from 'ink'
import { createElement as h, type ReactElement, useCallback } from 'react'
import { type Key, type KeyName, keysOfText } from './model.ts'

export interface Painted {
  readonly show: (lines: readonly string[]) => void
  /** The terminal as it was, but for the screen. */
  readonly stop: () => void
}

/** @param onKey called for each key */
export const openPainter = (onKey: (key: Key) => void, where: 'stdout' | 'stderr' = 'stdout'): Painted => {
  let instance: Instance | undefined
  return {
    show: (lines) => {
      const frame = h(Frame, { lines, onKey })
      if (instance === undefined)
        instance = render(frame, {
          stdout: process[where],
          exitOnCtrlC: false,
          patchConsole: false,
          incrementalRendering: true,
          maxFps: 20,
        })
      else instance.rerender(frame)
    },
    stop: () => {
      instance?.unmount()
      instance = undefined
    },
  }
}

interface FrameProps {
  readonly lines: readonly string[]
  readonly onKey: (key: Key) => void
}

const Frame = ({ lines, onKey }: FrameProps): ReactElement => {
  // The same function each time: Ink listens anew to another one.
  useInput(
    useCallback(
      (input, key) => {
        for (const found of keysOf(input, key)) onKey(found)
      },
      [onKey],
    ),
  )
  // Lines have no names of their own but their rows.
  const rows = lines.map((line, row) => h(Text, { key: row, wrap: 'truncate' }, line === '' ? ' ' : line))
  return h(Box, { flexDirection: 'column' }, ...rows)
}

const CONTROL: Readonly<Record<string, KeyName>> = { c: 'interrupt', z: 'suspend', l: 'redraw', u: 'clear' }

const keysOf = (input: string, key: InkKey): readonly Key[] => {
  const name = nameOf(input, key)
  if (name !== undefined) return [{ name }]
  return key.ctrl || key.meta ? [] : keysOfText(input)
}

const nameOf = (input: string, key: InkKey): KeyName | undefined => {
  if (key.ctrl) return CONTROL[input]
  if (key.upArrow) return 'up'
  if (key.downArrow) return 'down'
  if (key.pageUp) return 'pageUp'
  if (key.pageDown) return 'pageDown'
  if (key.home) return 'home'
  if (key.end) return 'end'
  if (key.return) return 'enter'
  if (key.escape) return 'escape'
  // A terminal's backspace key is DEL, which Ink calls delete.
  return key.backspace || key.delete ? 'backspace' : undefined
}
