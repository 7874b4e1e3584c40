/** Which questions get the secret: those for a password or a passphrase, once, and no other. */
import { expect, test } from 'vitest'
import { isAnswerable, isHostKeyQuestion, subjectOf } from '../../../src/transport/prompts.ts'

test.each([
  ["ada@gpu1's password: ", 'login ada@gpu1'],
  ['(ada@gpu1) Password: ', 'login ada@gpu1'],
  ["(ada@gpu1) ada@gpu1's password: ", 'login ada@gpu1'],
  ["(ada@new.host) ada@new.host's password: ", 'login ada@new.host'],
  ['Password: ', 'login '], // before OpenSSH 8.5
  ["Enter passphrase for key '/home/ada/.ssh/id_ed25519': ", 'key /home/ada/.ssh/id_ed25519'],
  ['(ada@gpu1) Verification code: ', null],
  ['(ada@gpu1) One-time password (OATH) for `ada`: ', null],
  ['(ada@gpu1) Current password: ', null],
  ['(ada@gpu1) New password: ', null],
  ['(ada@gpu1) Retype new password: ', null],
  ["(ada@gpu1) Enter passphrase for key '/home/ada/.ssh/id_ed25519': ", null], // the server's words
  ['Enter PIN for ED25519-SK key /home/ada/.ssh/id_sk: ', null],
  ['Are you sure you want to continue connecting (yes/no/[fingerprint])? ', null],
  ['', null],
])('%j is about %j', (question, subject) => {
  expect(subjectOf(question)).toBe(subject)
})

test('a question about a host key is told from others', () => {
  expect(isHostKeyQuestion('Are you sure you want to continue connecting (yes/no/[fingerprint])? ')).toBe(true)
  expect(isHostKeyQuestion('Are you sure you want to continue connecting (yes/no)? ')).toBe(true)
  expect(isHostKeyQuestion("ada@gpu1's password: ")).toBe(false)
})

test('each is answered once; logins of several hops and several keys apart; after a key no login', () => {
  expect(isAnswerable('login a', new Set())).toBe(true)
  expect(isAnswerable('login a', new Set(['login a']))).toBe(false)
  expect(isAnswerable('login b', new Set(['login a']))).toBe(true)
  expect(isAnswerable('key b', new Set(['key a', 'login a']))).toBe(true)
  expect(isAnswerable('login a', new Set(['key a']))).toBe(false)
})
