/**
 * A receiver of chap's callbacks, to copy: each stream of each job becomes a file, every byte once, whatever fails in between.
 *
 *     chap start --callback http://HOST:PORT/jobs/{id} --callback-token-file FILE ...
 *
 * The rule, in any language:
 *
 *     size = what is stored of the stream
 *     if offset > size:  answer 409 with Chap-Offset: size         # a gap: send from there
 *     append body[size - offset:], and sync                        # all of it, a part, or nothing
 *     answer 204
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { dirname, join } from 'node:path'

const LARGEST = 16 * 1024 * 1024

/** @param dir where the jobs' directories go: ID/stdout, ID/stderr, ID/completed.json */
export const createReceiver = (dir: string, token: string): Server =>
  createServer((request, response) => {
    const answer = (status: number, headers = {}): void => void response.writeHead(status, headers).end()
    const place = /^\/jobs\/([a-z][a-z0-9]{2,31})\/(?:output\/(stdout|stderr)|(completed))$/.exec(request.url ?? '')
    if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return answer(401)
    if (place === null) return answer(404)
    const [, job = '', stream] = place
    readBody(request)
      .then((body) => {
        const { status, headers } = take(join(dir, job), stream, request.headers, body)
        answer(status, headers)
      })
      // It was cut off, or the disk is full: what is not stored of it comes again.
      .catch(() => answer(503))
  })

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, number>>
}

/** Nothing in it waits, so no other request comes in between. */
const take = (dir: string, stream: string | undefined, headers: IncomingHttpHeaders, body: Buffer): Answer => {
  mkdirSync(dir, { recursive: true })
  if (stream === undefined) {
    const has = { 'chap-stdout': sizeOf(join(dir, 'stdout')), 'chap-stderr': sizeOf(join(dir, 'stderr')) }
    if (Object.entries(has).some(([name, stored]) => Number(headers[name]) !== stored))
      return { status: 409, headers: has }
    store(join(dir, 'completed.new'), 'w', body)
    renameSync(join(dir, 'completed.new'), join(dir, 'completed.json'))
    sync(dir)
    return { status: 204 }
  }
  const offset = Number(headers['chap-offset'] ?? Number.NaN)
  const size = sizeOf(join(dir, stream))
  if (!Number.isSafeInteger(offset)) return { status: 400 }
  if (offset > size) return { status: 409, headers: { 'chap-offset': size } }
  store(join(dir, stream), 'a', body.subarray(size - offset))
  return { status: 204 }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Durable when it returns: what is answered with 204 is never sent again. */
const store = (path: string, flags: 'a' | 'w', bytes: Uint8Array): void => {
  writeFileSync(path, bytes, { flag: flags })
  // The bytes, the file's name, and that of its directory.
  for (const place of [path, dirname(path), dirname(dirname(path))]) sync(place)
}

const sync = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > LARGEST) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Takes as long for any wrong token. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

// node receiver.js DIRECTORY TOKEN-FILE PORT
const [, program, ...args] = process.argv
if (program === import.meta.filename)
  createReceiver(args[0] ?? '.', readFileSync(args[1] ?? '', 'utf8').trim()).listen(Number(args[2] ?? 8050))
