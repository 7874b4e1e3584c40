// chap_follow: streams one output file from an offset, for ever, until it is ended by its link's end or by a newer link.
import type { Stream } from '../../../src/spool/timeline.ts'
import type { Host } from './host.ts'

export interface FollowerOptions {
  readonly generation: number
  readonly stream: Stream | 'runs'
  readonly from: number
  /** Sends bytes home. */
  readonly send: (from: number, to: number) => void
  readonly onExit: (status: number) => void
}

export const startRemoteFollower = (
  host: Host,
  { generation, stream, from, send, onExit }: FollowerOptions,
): { readonly end: () => void } => {
  const { random } = host
  const process = host.spawn(`follower of ${stream}`)
  process.atDeath.add(() => onExit(3))
  const end = (): void => host.kill(process)
  host.after(process, random.between(0, 15), () => {
    const { directory } = host
    const link = directory?.links.get(generation)
    if (directory === undefined || link === undefined) return end()
    link.add(process)
    let position = from
    let isPumping = false
    const pump = (): void => {
      isPumping = false
      const left = directory.sizes[stream] - position
      if (left <= 0) return
      const piece = random.chance(0.5) ? left : 1 + random.int(left)
      send(position, position + piece)
      position += piece
      schedule()
    }
    const schedule = (): void => {
      if (isPumping) return
      isPumping = true
      host.after(process, random.chance(0.05) ? random.between(0, 2_000) : random.between(0, 20), pump)
    }
    directory.followers.add(schedule)
    process.atDeath.add(() => {
      directory.followers.delete(schedule)
    })
    schedule()
  })
  return { end }
}
