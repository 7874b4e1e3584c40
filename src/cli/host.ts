/** The host as a person writes it: `[user@]host` or `ssh://[user@]host[:port]`. */

/** null: it is neither. One with a leading dash would be an option for ssh, or for what ssh runs. */
export const readHost = (text: string): string | null => {
  if (/[\s\p{Cc}]/u.test(text)) return null
  const [, address] = /^ssh:\/\/([^/]+)\/?$/.exec(text) ?? []
  if (text.includes('://') && address === undefined) return null
  const [, user, host] = /^(?:(.*)@)?([^@]+)$/.exec(address ?? text) ?? []
  const isPlain = (part: string | undefined): boolean => part === undefined || (part !== '' && !part.startsWith('-'))
  return host !== undefined && isPlain(user) && isPlain(host) ? text : null
}
