/** What a link to a machine runs here first, as data: for a person who wants to see it, or to run it by hand. */
import type { Route, Spec } from '../domain/spec.ts'
import { composeHops, shLine } from './hops.ts'
import { controlScript } from './launcher.ts'
import { localArgv } from './local.ts'
import { plainCommand } from './plain-link.ts'
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
      return { argv: composeHops(route.hops, ['sh', '-c', controlScript()]), launcher: 'stdin', hasFollowers: true }
    case 'ssh': {
      const target = targetOf(spec, route, socket)
      if (spec.plain)
        return { argv: ['ssh', ...directArgv(target, plainCommand(spec))], launcher: null, hasFollowers: false }
      const command = shLine(route.onward, controlScript())
      return { argv: ['ssh', ...masterArgv(target, command)], launcher: 'stdin', hasFollowers: true }
    }
  }
}
