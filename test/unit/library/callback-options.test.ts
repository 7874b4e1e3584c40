/** What a callback is asked for with. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCallback } from '../../../src/library/callback-options.ts'

const here = { cwd: () => import.meta.dirname }
const url = 'https://sched.example.org/jobs/{id}'

test('a callback is drafted with its defaults, and the token apart from it', () => {
  expect(readCallback(here, undefined)).toEqual({ callback: null, callbackToken: null })
  const callback = {
    ...{ url, method: 'POST', ca: null, retryFrequency: 10, timeout: 86_400, outputBuffer: 65_536, outputLatency: 1 },
  }
  expect(readCallback(here, `${url}/`)).toEqual({ callback, callbackToken: null })
  const given = {
    url,
    method: 'PUT',
    token: 'a.b-C',
    retryFrequency: 50,
    timeout: 2_000,
    outputBuffer: 1,
    outputLatency: 0,
  }
  expect(readCallback(here, given)).toEqual({
    callback: { ...callback, method: 'PUT', retryFrequency: 0.05, timeout: 2, outputBuffer: 1, outputLatency: 0 },
    callbackToken: 'a.b-C',
  })
})

test.each([
  [{ url: 'sched' }, '--callback is no URL'],
  [{ url: 'ftp://sched/' }, '--callback begins with'],
  [{ url: 'http://me:secret@sched/' }, '--callback has a password'],
  [{ url: 'http://sched/?a=b' }, '--callback has nothing behind'],
  [{ url: 'http://sched/jobs?' }, '--callback has nothing behind'],
  [{ url: 'http://sched/jobs#' }, '--callback has nothing behind'],
  [{ url, method: 'HEAD' }, '--callback-method'],
  [{ url, token: 'two words' }, 'the token of --callback'],
  [{ url, token: 'a\r\nB: c' }, 'the token of --callback'],
  [{ url, retryFrequency: 0 }, '--callback-retry'],
  [{ url, timeout: Number.NaN }, '--callback-timeout'],
  [{ url, outputBuffer: 0 }, '--callback-buffer'],
  [{ url, outputBuffer: 2 ** 21 }, '--callback-buffer'],
  [
    { url, ca: 'missing.pem' },
    `--callback-ca: ENOENT: no such file or directory, open '${join(import.meta.dirname, 'missing.pem')}'`,
  ],
  [{ url, ca: 'callback-options.test.ts' }, '--callback-ca: there is no certificate'],
])('%j is refused: %s', (given, message) => {
  expect(readCallback(here, given)).toMatchObject({ code: 'usage', message: expect.stringContaining(message) })
})
