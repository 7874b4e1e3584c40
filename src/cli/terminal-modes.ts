/**
 * What a job's bytes turn on in a terminal, and how to turn it off again. Pure. Only what programs leave behind in earnest is known: colours, the other
 * screen, the cursor, the mouse, pasting, letters that are drawings, a region that scrolls, links, changed colours.
 */

const ESC = '\u001b'
const CSI = `${ESC}[`
const ST = `${ESC}\\`
/** Ends whatever sequence the terminal is in the middle of. */
const CANCEL = '\u0018'

/** Modes that are off at first, and those that are on. */
const OFF = [1, 5, 6, 9, 47, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026]
const ON = [7, 25]
/** To leave that screen puts the cursor, its colours too, back to where it was: so it comes before all else. */
const SCREENS = ['?47', '?1047', '?1049']

/** Letters of a sequence that is not over: what is longer is no sequence that matters. */
const LONGEST = 4_096

// ECMA-48's control sequences; strings for the terminal, such as titles; and the short ones.
const SEQUENCE = new RegExp(
  `${ESC}(?:\\[([<-?]?)([0-9:;]*)([ -/]*)([@-~])|([\\]PX^_])([^\\u0007${ESC}\\u0018\\u001a]*)(?:\\u0007|${ESC}\\\\)|([ -/]+[0-~])|([0-OQ-WYZ\\\`-~]))|[\\u000e\\u000f]`,
  'g',
)
const UNFINISHED = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*|[\\]PX^_][^\\u0007${ESC}\\u0018\\u001a]*${ESC}?|[ -/]*)$`)

export interface Modes {
  /** What the terminal gets of one stream; each stream's sequences are read by themselves. */
  readonly take: (stream: string, bytes: Uint8Array) => void
  /** Is there something to undo? */
  readonly isChanged: () => boolean
  /** What puts it back; the terminal is as before then. */
  readonly undo: () => string
}

export const trackModes = (): Modes => {
  const undos = new Map<string, string>()
  const rests = new Map<string, string>()
  const set = (key: string, isOn: boolean, undo: string): void => {
    if (isOn) undos.set(key, undo)
    else undos.delete(key)
  }
  return {
    take: (stream, bytes) => {
      const rest = rests.get(stream) ?? ''
      if (rest === '' && !hasControl(bytes)) return
      const text = rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      for (const found of text.matchAll(SEQUENCE)) readSequence(found, set, undos)
      const unfinished = UNFINISHED.exec(text)?.[0] ?? ''
      rests.set(stream, unfinished.length > LONGEST ? '' : unfinished)
      if (unfinished.length > LONGEST) undos.set('string', CANCEL)
    },
    isChanged: () => undos.size > 0 || [...rests.values()].some((rest) => rest !== ''),
    undo: () => {
      const isInside = [...rests.values()].some((rest) => rest !== '')
      const screens = SCREENS.flatMap((key) => undos.get(key) ?? [])
      const others = [...undos].flatMap(([key, undo]) => (SCREENS.includes(key) ? [] : [undo]))
      undos.clear()
      rests.clear()
      return [isInside ? CANCEL : '', ...screens, ...others].join('')
    },
  }
}

/** Does it put the cursor where nobody here knows? */
export const leavesScreen = (undo: string): boolean => SCREENS.some((key) => undo.includes(`${CSI}${key}l`))

/** Would nothing of it be seen? */
export const isUnseen = (text: string): boolean => text.replace(SEQUENCE, '') === ''

const hasControl = (bytes: Uint8Array): boolean => [0x1b, 0x0e, 0x0f].some((byte) => bytes.includes(byte))

type Set = (key: string, isOn: boolean, undo: string) => void

const readSequence = (found: RegExpExecArray, set: Set, undos: Map<string, string>): void => {
  const [all, mark = '', numbers = '', between = '', final, kind, string = '', charset, short] = found
  if (final !== undefined) readControl(`${mark}${between}${final}`, numbers, set)
  else if (kind === ']') readCommand(string, set)
  else if (charset?.startsWith('(')) set('charset', charset !== '(B', `${ESC}(B`)
  else if (all === '\u000e' || all === '\u000f') set('shift', all === '\u000e', '\u000f')
  else if (short === '=' || short === '>') set('keypad', short === '=', `${ESC}>`)
  // A full reset.
  else if (short === 'c') undos.clear()
}

const readControl = (control: string, numbers: string, set: Set): void => {
  const values = numbers.split(';').map(Number)
  const isPlain = Number(numbers) === 0
  switch (control) {
    case '?h':
    case '?l':
      for (const mode of values) {
        if (OFF.includes(mode)) set(`?${mode}`, control === '?h', `${CSI}?${mode}l`)
        if (ON.includes(mode)) set(`?${mode}`, control === '?l', `${CSI}?${mode}h`)
      }
      return
    case 'h':
    case 'l':
      return values.includes(4) ? set('insert', control === 'h', `${CSI}4l`) : undefined
    case 'm':
      return set('colours', !isPlain, `${CSI}0m`)
    // To set it moves the cursor home.
    case 'r':
      return set('region', !isPlain, `${ESC}7${CSI}r${ESC}8`)
    case ' q':
      return set('cursor', !isPlain, `${CSI}0 q`)
    case '>u':
    case '<u':
      return set('keys', control === '>u', `${CSI}<u`)
  }
}

/** Of those that change colours, the ones that put them back. */
const PUT_BACK: Readonly<Record<string, string>> = { '4': '104', '10': '110', '11': '111', '12': '112' }

const readCommand = (text: string, set: Set): void => {
  const [number = '', ...values] = text.split(';')
  // The third is the address.
  if (number === '8') return set('link', values.slice(1).join('') !== '', `${ESC}]8;;${ST}`)
  const back = PUT_BACK[number]
  if (back !== undefined && values.at(-1) !== '?') return set(back, true, `${ESC}]${back}${ST}`)
  if (Object.values(PUT_BACK).includes(number)) set(number, false, '')
}
