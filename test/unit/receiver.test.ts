/** The receiver to copy, where it can't store what comes. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createReceiver } from '../examples/receiver.ts'

test('it says so, and goes on: the bytes come again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'chap-r-'))
  const server = createReceiver(dir, 'secret').listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const post = async (): Promise<number> => {
      const headers = { authorization: 'Bearer secret', 'chap-offset': '0' }
      const url = `http://127.0.0.1:${port}/jobs/k3f9/output/stdout`
      return (await fetch(url, { method: 'POST', headers, body: 'out' })).status
    }
    // Nothing can be written to it, as on a full disk.
    mkdirSync(join(dir, 'k3f9/stdout'), { recursive: true })
    expect(await post()).toBe(503)
    rmSync(join(dir, 'k3f9/stdout'), { recursive: true })
    expect([await post(), await post()]).toEqual([204, 204])
    expect(readFileSync(join(dir, 'k3f9/stdout'), 'utf8')).toBe('out')
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true })
  }
})
