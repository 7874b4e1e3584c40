import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { countResends, parseConnections } from '../../../src/transport/unheard.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:08FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0000000041439619 100 0 0 10 0
   1: 010012C6:D2E4 020012C6:0016 01 00000034:00000000 01:000000C1 0000000B     0        0 22 3 00000000bd93b54e 1638 4 0 1 7
   2: 010012C6:D2E6 020012C6:0016 01 00000000:00000000 02:00000A10 00000000  1000        0 33 2 00000000bd93b54f 20 4 30 10 -1
   3: 010012C6:D2E8 020012C6:0016 02 00000001:00000000 01:000000C1 00000002     0        0 44 2 00000000bd93b550 800 0 0 1 7
`

test('the resends of the connections that stand, of the process alone', () => {
  expect(parseConnections(TABLE, new Set(['11', '22', '44']))).toEqual([{ unacknowledged: 0x34, resends: 11 }])
  expect(parseConnections(TABLE, new Set(['33']))).toEqual([{ unacknowledged: 0, resends: 0 }])
  expect(parseConnections(TABLE, new Set())).toEqual([])
  expect(parseConnections('', new Set(['22']))).toEqual([])
})

test('a process whose connection is heard has none, and one that is gone neither', async () => {
  const server = createServer((socket) => socket.resume()).listen(0)
  const client = connect((server.address() as { port: number }).port)
  await new Promise((resolve) => client.once('connect', resolve))
  client.write('x')
  expect(countResends(process.pid) ?? 0).toBe(0)
  expect(countResends(2 ** 30)).toBeUndefined()
  client.destroy()
  server.close()
})
