// node:child_process as src/ uses it: mkfifo(1), cksum(1), and a new chaperone.

import { cksum } from '../../../src/domain/cksum.ts'
import { here, stage } from '../stage.ts'
import { readOpened } from './descriptors.ts'

export const execFileSync = (program: string, args: readonly string[]): string => {
  here().call()
  if (program !== 'mkfifo') throw new Error(`there is no ${program} here`)
  const { disk } = here()
  const { parent, name } = disk.findParent(args.at(-1) ?? '')
  parent?.entries.set(name, disk.makeFifo())
  return ''
}

type Listener = (data: string) => void

interface Child {
  readonly stdin: { once(): void; end(text: string): void }
  readonly stdout: { setEncoding(): Child['stdout']; on(event: string, listener: Listener): void }
  on(event: string, listener: () => void): void
  once(event: string, listener: (error: Error) => void): void
  unref(): void
}

const startChild = (
  onStdin: (text: string) => void,
): { readonly child: Child; readonly end: (said: string) => void } => {
  let onData: Listener = () => undefined
  let onClose = (): void => undefined
  const stdout = {
    setEncoding: () => stdout,
    on: (_event: string, listener: Listener) => {
      onData = listener
    },
  }
  const child: Child = {
    stdin: { once: () => undefined, end: onStdin },
    stdout,
    on: (event, listener) => {
      if (event === 'close') onClose = listener
    },
    once: () => undefined,
    unref: () => undefined,
  }
  return {
    child,
    end: (said) => {
      onData(said)
      onClose()
    },
  }
}

export const spawn = (
  program: string,
  _args: readonly string[],
  options: { readonly stdio?: readonly unknown[] | string },
): Child => {
  const machine = here()
  machine.call()
  // A chaperone is told its job on stdin.
  const { child, end } = startChild((text) => stage().startChaperone(text))
  if (program === 'cksum') {
    const said = `${cksum(readOpened(Number(options.stdio?.[0])))} 0\n`
    machine.wake(machine.current(), machine.random.between(1, 30), () => end(said))
  }
  return child
}
