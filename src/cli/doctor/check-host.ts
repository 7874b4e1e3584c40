/** Tries each step of reaching another machine, in their order. ssh itself has the last word on whether it can be reached. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  composeHops,
  type Draft,
  directArgv,
  makeRuntimeDir,
  masterArgv,
  type SshTarget,
  shLine,
  targetOf,
} from '../../index.ts'
import type { Context } from '../context.ts'
import { checkLogin } from './check-login.ts'
import { checkShell } from './check-shell.ts'
import { checkName, checkPort } from './network.ts'
import { findFirstPlace, findPlace, type Place } from './place.ts'
import { probeText, startProbe } from './probe.ts'
import { runProgram } from './programs.ts'
import { checkSessions } from './sessions.ts'
import { type Finding, fail, ok, type Step, skip, step, timed } from './step.ts'

export const checkSsh = async (): Promise<Step> => {
  const [{ status, words }, ms] = await timed(() => runProgram('ssh', ['-V']))
  if (status !== 0) return step('ssh', fail(words, { code: 'no_ssh' }), ms)
  const version = words.replace(/,.*/, '')
  // Does it know the options that chap gives it? Whatever the user's own configuration says.
  const plain = { destination: 'localhost', options: ['-F', 'none'] }
  const target = targetOf({ keepalive: { interval: 1, count: 1 }, connectTimeout: 1 }, plain, '/nowhere')
  const known = await runProgram('ssh', ['-G', ...directArgv(target, 'true')])
  return step('ssh', known.status === 0 ? ok(version) : fail(`${version}: ${known.words}`, { code: 'old_ssh' }), ms)
}

export async function* checkHost({ env }: Pick<Context, 'env'>, draft: Draft): AsyncGenerator<Step> {
  const { route, remoteDir } = draft
  if (route.kind === 'local') return
  const text = probeText(remoteDir)
  if (route.kind === 'hops') {
    const probe = startProbe(composeHops(route.hops, ['sh', '-c', text.script]), text)
    try {
      yield* checkShell(probe, null, limitOf(draft))
    } finally {
      await probe.close()
    }
    return
  }
  const ssh = await checkSsh()
  yield ssh
  if (ssh.status === 'fail') return
  const runtime = makeRuntimeDir(env)
  if (runtime === undefined) {
    yield step('sockets', fail('none that is private', { code: 'no_sockets' }))
    return
  }
  const target = targetOf(draft, route, join(runtime, `doctor.${process.pid}`))
  yield* checkWay(target, limitOf(draft))
  const probe = startProbe(['ssh', ...masterArgv(target, shLine(route.onward, text.script))], text)
  try {
    const login = await checkLogin(probe, limitOf(draft))
    yield* login
    if (login.some(({ status }) => status !== 'ok')) return
    if (draft.plain) yield step('shell', skip('--plain needs none'))
    else yield* checkShell(probe, () => checkSessions(target), limitOf(draft))
  } finally {
    await probe.close()
    rmSync(target.socket, { force: true })
  }
}

/** Milliseconds for each step. */
const limitOf = ({ connectTimeout }: Draft): number => connectTimeout * 1000

async function* checkWay(target: SshTarget, limit: number): AsyncGenerator<Step> {
  const [place, ms] = await timed(() => findPlace(directArgv(target, 'true')))
  if (typeof place === 'string') {
    yield step('options', fail(place, { code: 'fault', fault: { code: 'usage', evidence: place } }), ms)
    return
  }
  yield step('options', ok(showPlace(place)), ms)
  const first = await findFirstPlace(place, target.options)
  if (typeof first === 'string') {
    yield step('name', fail(first, { code: 'fault', fault: { code: 'usage', evidence: first } }))
    return
  }
  if (first.isByProgram) {
    yield step('name', skip('ssh connects by a ProxyCommand'))
    return
  }
  const [name, took] = await timed(() => checkName(first.hostname, limit))
  yield step('name', name, took)
  if (name.status === 'fail') return
  const [tcp, tookTcp] = await timed((): Promise<Finding> => checkPort(first.hostname, first.port, limit))
  yield step('tcp', place.jump === null ? tcp : { ...tcp, evidence: `to the jump host: ${tcp.evidence}` }, tookTcp)
}

const showPlace = ({ user, hostname, port, jump, isByProgram }: Place): string =>
  `${user}@${hostname} port ${port}${jump === null ? '' : `, through ${jump}`}${isByProgram ? ', by a ProxyCommand' : ''}`
