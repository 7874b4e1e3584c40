/** What is wrong with the config file, for a person. */
import { safeText } from '../safe-text.ts'
import type { ConfigFault, Misfit } from './fault.ts'

/** A place as TOML writes it. */
const showPlace = (place: readonly string[]): string =>
  safeText(place.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.'))

const wordsOfMisfit = ({ place, expected, found, nearest }: Misfit): string => {
  const wanted =
    expected === null ? 'is not known' : found === null ? 'is missing' : `is to be ${expected}, not ${safeText(found)}`
  return `${showPlace(place)} ${wanted}${nearest === null ? '' : `; did you mean ${safeText(nearest)}?`}`
}

export const wordsOfConfigFault = (fault: ConfigFault): { readonly message: string; readonly hint: string } => {
  const path = safeText(fault.path)
  switch (fault.code) {
    case 'absent':
      return { message: `there is no ${path}, which CHAP_CONFIG names`, hint: 'CHAP_CONFIG=none does without a file' }
    case 'not_a_file':
      return { message: `the config file ${path} is not a file`, hint: 'CHAP_CONFIG=none does without one' }
    case 'foreign':
      return {
        message: `the config file ${path} belongs to another user (uid ${fault.uid})`,
        hint: 'set CHAP_CONFIG to a file of your own',
      }
    case 'open_to_others':
      return {
        message: `others may write to the config file ${path} (mode ${fault.mode.toString(8)})`,
        hint: `chmod go-w ${path}`,
      }
    case 'syntax':
      return {
        message: `${path}:${fault.line}:${fault.column}: ${safeText(fault.detail)}`,
        hint: 'it is TOML: chap config example shows how it is written',
      }
    case 'invalid':
      return {
        message: `${path}: ${fault.misfits.map(wordsOfMisfit).join('; ')}`,
        hint: 'chap config example shows all that may stand there',
      }
  }
}
