/** The host as a person writes it: `[user@]host[:port]`, or an `ssh://` address. */

export interface HostText {
  readonly user: string | null
  /** A name of the config file or of ssh's own, or an address. */
  readonly name: string
  readonly port: number | null
  /** An `ssh://` address: it is ssh's, as it stands, and no name of the config file. */
  readonly isAddress: boolean
}

/** null: it is no host. One with a leading dash would be an option for ssh, or for what ssh runs. */
export const readHost = (text: string): HostText | null => {
  if (/[\s\p{Cc}]/u.test(text)) return null
  const [, address] = /^ssh:\/\/([^/]+)\/?$/.exec(text) ?? []
  if (text.includes('://') && address === undefined) return null
  const [, user, place] = /^(?:(.*)@)?([^@]+)$/.exec(address ?? text) ?? []
  if (place === undefined || user === '' || user?.startsWith('-')) return null
  const read = readPlace(place)
  if (read === null || read.name.startsWith('-')) return null
  return { user: user ?? null, ...read, isAddress: address !== undefined }
}

/** `[user@]host`, as ssh takes it. */
export const joinUser = (user: string | null, name: string): string => (user === null ? name : `${user}@${name}`)

const readPlace = (text: string): Pick<HostText, 'name' | 'port'> | null => {
  // More than one colon: an address of IPv6, which may end in what looks like a port.
  if (/^[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*(%[\w.-]+)?$/i.test(text)) return { name: text, port: null }
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const name = bracketed ?? plain
  const port = digits === undefined ? null : Number(digits)
  if (name === undefined || (port !== null && (port < 1 || port > 65_535))) return null
  return { name, port }
}
