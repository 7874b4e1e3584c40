/** The words for a password that is not to be had: the part of words.ts that is about secrets. */
import type { SecretFault } from '../index.ts'
import { safeText } from './safe-text.ts'

/** @param id of the job that waits for it; null: none was started */
export const wordsOfSecretFault = (
  fault: SecretFault,
  id: string | null,
): { readonly message: string; readonly hint: string | null } => {
  const message = describe(fault)
  if (id === null) return { message, hint: hintFor(fault) }
  return {
    message: `${id} waits for its password: ${message}`,
    hint: `chap recover --ask-password ${id}`,
  }
}

const describe = (fault: SecretFault): string => {
  switch (fault.code) {
    case 'no_terminal':
      return 'there is no terminal to type it at'
    case 'not_typed':
      return 'no password was typed'
    case 'no_file':
      return `the password file can't be read: ${safeText(fault.detail)}`
    case 'open_to_others':
      return `others can read the password file ${safeText(fault.path)} (mode ${fault.mode.toString(8)})`
    case 'command_failed':
      return `the password command failed: ${safeText(fault.detail)} (${safeText(fault.command)})`
    case 'empty':
      return `there is no password in the first line of ${safeText(fault.from)}`
    case 'too_long':
      return `ssh takes no password of more than 1023 bytes (${safeText(fault.from)})`
  }
}

const hintFor = (fault: SecretFault): string | null => {
  switch (fault.code) {
    case 'no_terminal':
      return '--password-file or --password-command needs none'
    case 'open_to_others':
      return `chmod 600 ${safeText(fault.path)}`
    case 'command_failed':
      return 'sh runs it in your home directory; it must print the password and end with 0'
    default:
      return null
  }
}
