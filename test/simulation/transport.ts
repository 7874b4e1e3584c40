// A virtual transport under the real link: ssh's processes here, and what they run there.

import type { Fault } from '../../src/domain/fault.ts'
import type { Stream } from '../../src/spool/timeline.ts'
import type { Child } from '../../src/transport/child.ts'
import type { Follow, Transport } from '../../src/transport/transport.ts'
import { type Connection, connect } from './connection.ts'
import { contentOf } from './content.ts'
import { append } from './disk.ts'
import type { Process } from './machine.ts'
import { grew } from './platform/descriptors.ts'
import { startRemoteFollower } from './remote/follower.ts'
import { here, stage } from './stage.ts'

/** exec sh '/dir/launcher' 'follow' '/dir' 'generation' 'stream' 'from' ... */
const FOLLOW = /'follow' '[^']*' '(\d+)' '(stdout|stderr|runs)' '(\d+)'/

export const virtualTransport = (): Transport => {
  const machine = here()
  const owner = machine.current()
  const clients = new Set<Process>()
  let connection: Connection | undefined

  const untilDead = (process: Process): Promise<void> =>
    new Promise((resolve) => {
      if (!process.isAlive) resolve()
      else process.atDeath.add(() => machine.wake(owner, 0, resolve))
    })

  const kill = (process: Process): Promise<void> => {
    const { clock, random } = machine
    machine.call()
    clock.after(random.chance(0.2) ? random.between(0, random.pick([100, 3_000])) : random.between(0, 2), () =>
      machine.kill(process),
    )
    return untilDead(process)
  }

  return {
    control: () => {
      connection = connect(owner)
      return childOf(connection, owner)
    },
    session: (script, ends) => {
      if (connection === undefined) throw new Error('there is no master')
      machine.call()
      const client = machine.spawn('ssh client', owner)
      clients.add(client)
      client.atDeath.add(() => {
        clients.delete(client)
      })
      const [, generation, stream, from] = FOLLOW.exec(script) ?? []
      return follow(connection, client, owner, {
        path: ends.stdout ?? '',
        generation: Number(generation),
        stream: stream as Stream | 'runs',
        from: Number(from),
      })
    },
    // A way that is merely bad is given up, too, now and then.
    resends: () => (stage().network.isSilent() || stage().machine.random.chance(0.02) ? 3 : undefined),
    explain: () => connection?.fault ?? { code: 'lost', evidence: 'nothing' },
    end: async () => {
      if (connection === undefined) return
      // The master first: as long as it lives it may write to the files of a client that is dead.
      await kill(connection.master)
      await Promise.all([...clients].map(kill))
    },
  }
}

/** What the control session needs of its child: no stream of node's is that quick. */
const childOf = (connection: Connection, owner: Process): Child => {
  const machine = here()
  const onData = new Set<(text: string) => void>()
  let unread = ''
  connection.onText = (text) => {
    unread += text
    // All that lies in the pipe by then, at once; but node may hear of the exit before it has read this.
    machine.wake(owner, machine.random.between(0, 2), () => {
      const read = unread
      unread = ''
      if (read !== '') for (const tell of onData) tell(read)
    })
  }
  const stdout = {
    setEncoding: () => stdout,
    on: (event: string, listener: (text: string) => void) => {
      if (event === 'data') onData.add(listener)
    },
  }
  const stdin = { write: connection.write, end: () => undefined }
  return {
    pid: connection.master.pid,
    stdin: stdin as unknown as Child['stdin'],
    stdout: stdout as unknown as Child['stdout'],
    stderr: null,
    exited: new Promise((resolve) => {
      connection.master.atDeath.add(() => machine.wake(owner, machine.random.between(0, 3), () => resolve(255)))
    }),
    kill: () => {
      machine.kill(connection.master)
      return true
    },
  }
}

interface FollowOptions {
  readonly path: string
  readonly generation: number
  readonly stream: Stream | 'runs'
  readonly from: number
}

const follow = (connection: Connection, client: Process, owner: Process, options: FollowOptions): Follow => {
  const { machine, host, law } = stage()
  const { generation, stream, from, path } = options
  const file = machine.disk.find(path)
  let fault: Fault = { code: 'lost', evidence: 'a session ended' }
  const ended = new Promise<Fault | null>((resolve) => {
    client.atDeath.add(() => machine.wake(owner, machine.random.between(0, 3), () => resolve(fault)))
  })
  const { master, wire } = connection
  const write = (start: number, end: number): void => {
    // The master writes to its client's file, and it alone.
    if (!master.isAlive || !client.isAlive || file?.kind !== 'file') return
    const some = machine.isFull ? machine.random.int(end - start) : end - start
    law.onAppend(stream, generation, file, start)
    const bytes =
      stream === 'runs'
        ? Buffer.from((host.truth.series?.notes ?? '').slice(start, start + some))
        : contentOf(stream, start, start + some)
    append(file, bytes, machine.clock.wall())
    grew(path)
    if (some === end - start) return
    fault = { code: 'lost', evidence: 'write: No space left on device' }
    machine.kill(client)
  }
  law.onFollow(stream, generation)
  wire.up(() => {
    const follower = startRemoteFollower(host, {
      generation,
      stream,
      from,
      send: (start, end) => wire.down(() => write(start, end)),
      onExit: () => wire.down(() => machine.kill(client)),
    })
    if (!master.isAlive) return follower.end()
    connection.atRemoteEnd.add(follower.end)
    client.atDeath.add(() => wire.up(follower.end))
  })
  master.atDeath.add(() => {
    machine.clock.after(machine.random.between(0, 3), () => machine.kill(client))
  })
  return { ended, finished: () => false }
}
