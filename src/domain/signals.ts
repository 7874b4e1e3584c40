/** Signal names and numbers. A signal is named everywhere in chap (`SIGTERM`); numbers exist only in a shell's `$?`. */

/** Linux numbers; those below 16 that POSIX fixes are the same everywhere. */
const NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const

export type Signal = keyof typeof NUMBERS

export const SIGNALS: readonly Signal[] = Object.keys(NUMBERS) as Signal[]

const byNumber = new Map<number, Signal>(Object.entries(NUMBERS).map(([name, number]) => [number, name as Signal]))

export const isSignal = (name: string): name is Signal => Object.hasOwn(NUMBERS, name)

export const signalNumber = (signal: Signal): number => NUMBERS[signal]

export const signalByNumber = (number: number): Signal | undefined => byNumber.get(number)

/** Reads what a person types: `TERM`, `sigterm`, `SIGTERM`, `15`. Undefined: no such signal. */
export const parseSignal = (text: string): Signal | undefined => {
  if (/^\d+$/.test(text)) return signalByNumber(Number(text))
  const name = text.toUpperCase()
  const full = name.startsWith('SIG') ? name : `SIG${name}`
  return isSignal(full) ? full : undefined
}
