/** Reads one label more, `key=value`; undefined: it is none. */
import { isLabelKey, isLabelValue } from '../index.ts'

export const addLabel = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> | undefined => {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  return isLabelKey(key) && isLabelValue(value) ? { ...before, [key]: value } : undefined
}
