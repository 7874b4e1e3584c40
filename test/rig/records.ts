// Records for tests: a spec and a job that are whole, with what the test is about on top.
import { type Job, newJob } from '../../src/domain/job.ts'
import type { Spec } from '../../src/domain/spec.ts'

export function makeSpec(over: Partial<Spec> = {}): Spec {
  return {
    id: 'k3f9',
    nonce: '0123456789abcdef',
    name: null,
    labels: {},
    host: null,
    route: { kind: 'local' },
    program: { argv: ['true'] },
    cwd: '/',
    env: {},
    inherit: true,
    unset: [],
    hasStdin: false,
    stdinOpen: false,
    onDisconnect: 'keep',
    plain: false,
    lease: null,
    keepalive: { interval: 15, count: 3 },
    connectTimeout: 10,
    limits: { giveUpAfter: null, timeout: null, idleTimeout: null, maxOutput: null, onMaxOutput: 'keep', grace: 10 },
    series: null,
    remoteDir: null,
    secret: { kind: 'none' },
    sharesConnection: false,
    onExit: null,
    callback: null,
    group: null,
    rerunOf: null,
    logFile: null,
    asked: null,
    created: { time: '2026-01-01T00:00:00.000Z', host: 'here', user: 'me' },
    ...over,
  }
}

/** Ended with this status, and these sizes. */
export function makeEndedJob(code: number, sizes = { stdout: 0, stderr: 0 }): Job {
  return {
    ...newJob,
    phase: 'ended',
    ending: { outcome: { kind: 'exited', code }, by: null, record: null, sizes },
    sizes,
    link: { ...newJob.link, status: 'closed' },
    collected: true,
    endTime: '2026-01-01T00:00:05.000Z',
  }
}
