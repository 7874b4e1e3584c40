/** Where ssh would connect to: what `ssh -G` makes of the host and its options, through the first jump if there is one. */
import { readHost } from '../../index.ts'
import { runProgram } from './programs.ts'

export interface Place {
  readonly hostname: string
  readonly port: number
  readonly user: string
  /** As ssh_config has it; null: none. */
  readonly jump: string | null
  /** ssh connects by a program: nothing can be said of name and network. */
  readonly isByProgram: boolean
}

/** @param args of ssh, options and host. @returns ssh's own words when it can't */
export const findPlace = async (args: readonly string[]): Promise<Place | string> => {
  const { status, stdout, words } = await runProgram('ssh', ['-G', ...args])
  if (status !== 0) return words
  const settings = new Map(
    stdout.split('\n').map((line): [string, string] => {
      const at = line.indexOf(' ')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )
  const given = (name: string): string | null => {
    const value = settings.get(name)
    return value === undefined || value === 'none' ? null : value
  }
  return {
    hostname: settings.get('hostname') ?? '',
    port: Number(settings.get('port') ?? 22),
    user: settings.get('user') ?? '',
    jump: given('proxyjump'),
    isByProgram: given('proxycommand') !== null,
  }
}

/** The first machine that is connected to on the way there. */
export const findFirstPlace = async (place: Place, options: readonly string[]): Promise<Place | string> => {
  if (place.jump === null) return place
  const [first = ''] = place.jump.split(',')
  const jump = readHost(first)
  if (jump === null) return `${first} is not a host`
  const at = options.indexOf('-F')
  // ssh hands its configuration on to the ssh that jumps, and no other option.
  const config = at < 0 ? [] : options.slice(at, at + 2)
  return findPlace([...config, '--', jump.isAddress ? first : `ssh://${first}`])
}
