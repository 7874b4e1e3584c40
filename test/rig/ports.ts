// Pick TCP ports on the loopback that stay ours while nobody listens on them.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the ports that the kernel gives to outgoing connections (32768 and up), or a connection made while
// a server is down could sit on the very port that it wants back.
const lowest = 20_000
const highest = 32_000

/** A port that is free now. Another process may still take it first: be ready to pick again. */
export async function pickPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(lowest, highest)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${lowest} and ${highest}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
