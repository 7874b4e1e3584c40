/** Which of ssh's questions may be answered with a job's secret. Others are passed on from the server, which may ask for anything. */

const PASSPHRASE = /^Enter passphrase for (?:key )?'(.*)': ?$/
const PASSWORD = /^([^\s(]\S*@\S+)'s password: ?$/
/** Keyboard-interactive: the server's own words, behind the login since OpenSSH 8.5. */
const INTERACTIVE = /^(?:\((\S+@[^)]+)\) )?(.*)$/s
/** A code of one use is not the password, and a password that has to be changed is nothing to answer unseen. */
const ANOTHER = /one.?time|otp|token|code|new|old|current|expired|change|again|re-?(type|enter)/i

/** A question about a host's key: no is the answer, and ssh has words for it. */
export const isHostKeyQuestion = (question: string): boolean => /\(yes\/no/.test(question)

/** What is asked about: a key, or a login at a server; null: neither a password nor a passphrase is asked for. */
export const subjectOf = (question: string): string | null => {
  const key = PASSPHRASE.exec(question)?.[1]
  if (key !== undefined) return `key ${key}`
  const login = PASSWORD.exec(question)?.[1]
  if (login !== undefined) return `login ${login}`
  const [, at = '', words = ''] = INTERACTIVE.exec(question) ?? []
  // A login's own name says nothing.
  const said = words.replace(/\S+@\S+/g, '')
  return /password/i.test(said) && !ANOTHER.test(said) ? `login ${at}` : null
}

/**
 * Once for each key and login in a try: asked again, it was wrong. And what opened a key, or was to, is never sent to a server.
 * @param answered what was answered in this try
 */
export const isAnswerable = (subject: string, answered: ReadonlySet<string>): boolean =>
  !answered.has(subject) && (subject.startsWith('key ') || ![...answered].some((before) => before.startsWith('key ')))
