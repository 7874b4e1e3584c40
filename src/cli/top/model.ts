/** What `chap top` shows and what a key does to it. Pure: the screen is painted elsewhere, and wishes are carried out elsewhere. */

export interface Model {
  /** Of the jobs that are shown, in their order. */
  readonly ids: readonly string[]
  /** null: there is none. */
  readonly chosen: string | null
  readonly search: string
  readonly mode: 'list' | 'search' | 'kill' | 'help'
  /** Does the output go on, or stand still? */
  readonly isFollowing: boolean
  /** Lines that it is scrolled back by, where it stands still. */
  readonly back: number
  /** What was last done, or why it could not be. */
  readonly note: string
}

export type Wish =
  | { readonly kind: 'quit' | 'suspend' | 'redraw' }
  | { readonly kind: 'attach' | 'kill'; readonly id: string }

/** A key by its name, or the letter that was typed; isMore: it came together with others, as what is pasted does. */
export type Key =
  | { readonly name: KeyName; readonly text?: undefined }
  | { readonly name?: undefined; readonly text: string; readonly isMore?: boolean }

export type KeyName =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'interrupt'
  | 'suspend'
  | 'redraw'
  | 'clear'

/** What was typed fast, or pasted, comes together. */
export const keysOfText = (input: string): readonly Key[] => {
  const letters = [...input]
  return letters.flatMap((letter) => keyOfLetter(letter, letters.length > 1))
}

const keyOfLetter = (letter: string, isMore: boolean): readonly Key[] => {
  if (letter === '\r' || letter === '\n') return [{ name: 'enter' }]
  if (letter === '\u007f' || letter === '\b') return [{ name: 'backspace' }]
  if (letter === '\u001b') return [{ name: 'escape' }]
  return letter < ' ' ? [] : [{ text: letter, isMore }]
}

export interface Pressed {
  readonly model: Model
  readonly wish?: Wish
}

export const newModel = (search: string): Model => ({
  ids: [],
  chosen: null,
  search,
  mode: 'list',
  isFollowing: true,
  back: 0,
  note: '',
})

/** The chosen job stays chosen wherever it goes; when it is gone, the one in its place. */
export const withJobs = (model: Model, ids: readonly string[]): Model => {
  const { chosen } = model
  if (chosen !== null && ids.includes(chosen)) return { ...model, ids }
  const place = chosen === null ? 0 : Math.max(0, model.ids.indexOf(chosen))
  const next = choose(model, ids[Math.min(place, ids.length - 1)] ?? null)
  // The question was about the one that is gone.
  return { ...next, ids, mode: model.mode === 'kill' ? 'list' : model.mode }
}

export interface Page {
  /** Rows of the output. */
  readonly rows: number
  /** Lines that there are for them. */
  readonly lines: number
}

export const press = (model: Model, key: Key, page: Page): Pressed => {
  if (key.name === 'interrupt') return { model, wish: { kind: 'quit' } }
  if (key.name === 'suspend' || key.name === 'redraw') return { model, wish: { kind: key.name } }
  switch (model.mode) {
    case 'help':
      return { model: { ...model, mode: 'list' } }
    case 'kill':
      return answer(model, key)
    case 'search':
      return type(model, key)
    case 'list':
      return key.name === undefined ? command(model, key.text) : move({ ...model, note: '' }, key.name, page)
  }
}

const answer = (model: Model, key: Key): Pressed => {
  // What is pasted answers no question.
  const isYes = key.name === undefined && key.isMore !== true && key.text.toLowerCase() === 'y'
  const next: Model = { ...model, mode: 'list' }
  return isYes && model.chosen !== null ? { model: next, wish: { kind: 'kill', id: model.chosen } } : { model: next }
}

const type = (model: Model, key: Key): Pressed => {
  switch (key.name) {
    case undefined:
      return { model: { ...model, search: model.search + key.text } }
    case 'backspace':
      return { model: { ...model, search: [...model.search].slice(0, -1).join('') } }
    case 'clear':
      return { model: { ...model, search: '' } }
    case 'escape':
      return { model: { ...model, search: '', mode: 'list' } }
    case 'enter':
      return { model: { ...model, mode: 'list' } }
    default:
      return { model }
  }
}

const command = (before: Model, text: string): Pressed => {
  const model: Model = { ...before, note: '' }
  switch (text) {
    case 'q':
      return { model, wish: { kind: 'quit' } }
    case 'j':
      return { model: step(model, 1) }
    case 'k':
      return { model: step(model, -1) }
    case 'g':
      return { model: step(model, Number.NEGATIVE_INFINITY) }
    case 'G':
      return { model: step(model, Number.POSITIVE_INFINITY) }
    case 'x':
      return { model: model.chosen === null ? model : { ...model, mode: 'kill' } }
    case 'f':
      return { model: { ...model, isFollowing: !model.isFollowing, back: 0 } }
    case '/':
      return { model: { ...model, mode: 'search' } }
    case '?':
    case 'h':
      return { model: { ...model, mode: 'help' } }
    default:
      return { model }
  }
}

const move = (model: Model, name: KeyName, { rows, lines }: Page): Pressed => {
  const half = Math.max(1, Math.floor(rows / 2))
  switch (name) {
    case 'up':
      return { model: step(model, -1) }
    case 'down':
      return { model: step(model, 1) }
    case 'home':
      return { model: step(model, Number.NEGATIVE_INFINITY) }
    case 'end':
      return { model: step(model, Number.POSITIVE_INFINITY) }
    case 'pageUp':
      return { model: { ...model, isFollowing: false, back: Math.min(model.back + half, Math.max(0, lines - rows)) } }
    case 'pageDown':
      return { model: { ...model, isFollowing: model.back <= half, back: Math.max(0, model.back - half) } }
    case 'enter':
      return model.chosen === null ? { model } : { model, wish: { kind: 'attach', id: model.chosen } }
    case 'escape':
      return { model: { ...model, search: '' } }
    default:
      return { model }
  }
}

const step = (model: Model, by: number): Model => {
  const place = model.chosen === null ? 0 : model.ids.indexOf(model.chosen)
  const next = Math.min(model.ids.length - 1, Math.max(0, place + by))
  return choose(model, model.ids[next] ?? null)
}

/** Another job's output is followed from its end. */
const choose = (model: Model, id: string | null): Model =>
  id === model.chosen ? model : { ...model, chosen: id, isFollowing: true, back: 0 }
