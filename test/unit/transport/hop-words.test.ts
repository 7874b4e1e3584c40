/** What hops say when they do not let a command through, as they said it, and what it means. */
import { expect, test } from 'vitest'
import type { FaultCode } from '../../../src/domain/fault.ts'
import { readHopLoss, readHopWords } from '../../../src/transport/hop-words.ts'

test.each<[FaultCode, number | null, string]>([
  ['sudo_denied', 1, 'sudo: a password is required'],
  ['sudo_denied', 1, 'sudo: a terminal is required to read the password; either use the -S option'],
  ['sudo_denied', 1, 'sudo: unknown user nobody2'],
  ['sudo_denied', 1, 'ada is not in the sudoers file.'],
  ['sudo_denied', 1, 'Sorry, user ada is not allowed to execute /usr/bin/sh as www on gpu1.'],
  ['sudo_denied', 1, 'sudo: sorry, you must have a tty to run sudo'],
  ['sudo_denied', 1, 'sudo: interactive authentication is required'],
  ['sudo_denied', 1, 'su: user nobody2 does not exist or the user entry does not contain all the required fields'],
  ['sudo_denied', 1, 'Password: su: Authentication failure'],
  ['no_program', 1, 'sudo: docker: command not found'],
  ['no_program', 127, 'bash: line 1: docker: command not found'],
  ['no_program', 127, "env: 'docker': No such file or directory"],
  ['no_program', 127, 'sh: exec: line 0: sudo: not found'],
  ['no_program', 127, '/bin/sh: 1: exec: docker: not found'],
  ['no_program', 127, "env: '/opt/enter.sh': No such file or directory"],
  ['no_shell', 127, 'bash: line 1: sh: command not found'],
  ['no_shell', 127, "chroot: failed to run command 'sh': No such file or directory"],
  ['no_shell', 126, 'OCI runtime exec failed: exec failed: exec: "sh": executable file not found in $PATH'],
  ['no_shell', 1, 'Error response from daemon: No such container: web'],
  ['no_shell', 255, 'Cannot open network namespace "blue": No such file or directory'],
  ['authentication', 255, 'www@gpu1: Permission denied (publickey).'],
  ['host_key', 255, 'Host key verification failed.'],
  ['refused', 255, 'ssh: connect to host gpu1 port 22: Connection refused'],
  ['refused', 1, 'error: dial tcp 10.0.0.1:443: connect: Connection refused'],
  ['lost', 255, ''],
  ['lost', null, ''],
])('%s: %s, %s', (code, status, line) => {
  const said = ['sudo: unable to resolve host gpu1: Name or service not known', line]
  const words = code === 'sudo_denied' || code === 'no_program' ? said : [line]
  const fault = readHopWords(status, words, [])
  expect(fault.code).toBe(code)
  expect(fault.evidence).toContain(line)
})

test('a program may say it on stdout', () => {
  expect(readHopWords(1, [], ['This account is currently not available.'])).toEqual({
    code: 'no_shell',
    evidence: 'it ended with 1: This account is currently not available.',
  })
})

test('a session that stood is lost, whatever it says but what ssh says of it', () => {
  expect(readHopLoss(137, [])).toEqual({ code: 'lost', evidence: 'a session ended with 137' })
  expect(readHopLoss(255, ['Timeout, server gpu1 not responding.']).code).toBe('silent')
})
