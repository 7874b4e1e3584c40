/** What a link to a machine runs here first, as data: for a person who wants to see it, or to run it by hand. */
import type { Hop, Route, Spec } from '../domain/spec.ts'
import { controlCommand } from './launcher.ts'
import { localArgv } from './local.ts'
import { plainCommand } from './plain-link.ts'
import { quoteWord } from './quote.ts'
import { directArgv, masterArgv, targetOf } from './ssh-argv.ts'

export interface LinkCommand {
  readonly argv: readonly string[]
  /** Where the launcher is written to; null: there is none. */
  readonly launcher: 'stdin' | 'descriptor 3' | null
  /** Are there more sessions to come over the same connection, one for each stream? */
  readonly hasFollowers: boolean
}

/** @param socket the path of ssh's control socket */
export const linkCommand = (
  route: Route,
  spec: Pick<Spec, 'program' | 'plain' | 'keepalive' | 'connectTimeout'>,
  socket: string,
): LinkCommand => {
  switch (route.kind) {
    case 'local':
      return { argv: localArgv, launcher: 'descriptor 3', hasFollowers: false }
    case 'hops':
      return { argv: throughHops(route.hops, controlCommand()), launcher: 'stdin', hasFollowers: true }
    case 'ssh': {
      const target = targetOf(spec, route, socket)
      if (spec.plain)
        return { argv: ['ssh', ...directArgv(target, plainCommand(spec))], launcher: null, hasFollowers: false }
      const command = onward(route.onward, controlCommand())
      return { argv: ['ssh', ...masterArgv(target, command)], launcher: 'stdin', hasFollowers: true }
    }
  }
}

/** The argv that runs a command line beyond these hops. */
export const throughHops = ([first, ...others]: readonly [Hop, ...Hop[]], command: string): readonly string[] => [
  ...first.argv,
  ...(first.words === 'line' ? [onward(others, command)] : others.length === 0 ? ['sh', '-c', command] : []),
  ...(first.words === 'argv' && isSome(others) ? throughHops(others, command) : []),
]

/** The command line that a shell before these hops reads. */
export const onward = (hops: readonly Hop[], command: string): string =>
  isSome(hops) ? throughHops(hops, command).map(quoteWord).join(' ') : command

const isSome = (hops: readonly Hop[]): hops is readonly [Hop, ...Hop[]] => hops.length > 0
