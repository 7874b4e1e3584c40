// What the jobs of format-1/ are, for ever.
import { type Job, newJob } from '../../src/domain/job.ts'
import type { Spec } from '../../src/domain/spec.ts'

export const by = { user: 'ada', host: 'laptop', pid: 4711 }
export const bootId = '6f1c2c1e-5c0e-4a52-9d0b-2f3f0a5b7c11'
const started = '2026-03-01T12:00:01.000Z'
const ended = '2026-03-01T12:00:05.000Z'
const denied = 'ada@gpu1: Permission denied (publickey).'
const nothing = { stdout: 0, stderr: 0 }

const spec: Omit<Spec, 'id'> = {
  nonce: '84f33a42731e5f0c',
  name: null,
  labels: {},
  host: 'gpu1',
  route: { kind: 'ssh', destination: 'ada@gpu1', options: ['-p', '2222'], onward: [] },
  program: { argv: ['sh', '-c', 'exit 3', "it's", 'ü\n'] },
  cwd: '/data',
  env: { SEED: null },
  inherit: true,
  unset: [],
  hasStdin: false,
  stdinOpen: false,
  onDisconnect: 'keep',
  plain: false,
  lease: null,
  keepalive: { interval: 15, count: 3, eager: false },
  connectTimeout: 30,
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
  created: { time: '2026-03-01T12:00:00.000Z', host: 'laptop', user: 'ada' },
}

const closed = { ...newJob.link, status: 'closed', generation: 1, lastContact: '2026-03-01T12:00:05.100Z' } as const
const over: Job = {
  ...newJob,
  phase: 'ended',
  prepared: true,
  collected: true,
  link: closed,
  startTime: started,
  endTime: ended,
}
const times = { start: Date.parse(started) / 1000, end: Date.parse(ended) / 1000 }
const begun = { pid: 4242, session: 'setsid', bootId }

/** What each job is. */
export const expected: Readonly<Record<string, { readonly spec: Spec; readonly job: Job }>> = {
  finished: {
    spec: { ...spec, id: 'finished', name: 'train', labels: { project: 'demo' } },
    job: {
      ...over,
      begun,
      sizes: { stdout: 6, stderr: 0 },
      ending: {
        outcome: { kind: 'exited', code: 3 },
        by: 'exit',
        sizes: { stdout: 6, stderr: 0 },
        record: {
          ...times,
          status: 3,
          why: 'exit',
          late: true,
          sizes: { stdout: 6, stderr: 0 },
          checksums: { stdout: 3015617425, stderr: 4294967295 },
          cpu: { user: 1.25, system: 0.5 },
        },
      },
    },
  },
  signaled: {
    spec: {
      ...spec,
      id: 'signaled',
      host: null,
      route: { kind: 'local' },
      program: { command: 'sleep 60 | cat' },
      cwd: '/',
      env: {},
      hasStdin: true,
      lease: 600,
    },
    job: {
      ...over,
      begun,
      sizes: nothing,
      intent: { kind: 'stop', signal: 'SIGTERM', grace: 2, by, time: '2026-03-01T12:00:02.000Z' },
      signals: [
        { signal: 'SIGTERM', by, asked: '2026-03-01T12:00:02.000Z', sent: '2026-03-01T12:00:02.010Z' },
        { signal: 'SIGKILL', by, asked: '2026-03-01T12:00:04.010Z', sent: '2026-03-01T12:00:04.020Z' },
      ],
      ending: {
        outcome: { kind: 'signaled', signal: 'SIGKILL' },
        by: 'kill',
        sizes: nothing,
        record: {
          ...times,
          status: 137,
          why: 'kill',
          late: false,
          sizes: nothing,
          checksums: { stdout: 4294967295, stderr: 4294967295 },
          cpu: { user: 0, system: 0 },
        },
      },
    },
  },
  refused: {
    spec: { ...spec, id: 'refused', plain: true, onDisconnect: 'kill' },
    job: {
      ...over,
      prepared: false,
      startTime: null,
      sizes: nothing,
      link: { ...closed, attempts: 1, lastContact: null, fault: { code: 'authentication', evidence: denied } },
      ending: {
        outcome: { kind: 'refused', reason: 'authentication', evidence: denied },
        by: null,
        sizes: nothing,
        record: null,
      },
    },
  },
  unknown: {
    spec: { ...spec, id: 'unknown', remoteDir: '/scratch/ada' },
    job: {
      ...over,
      begun,
      sizes: { stdout: 6, stderr: 0 },
      link: { ...closed, generation: 2 },
      ending: {
        outcome: { kind: 'unknown', reason: 'rebooted', evidence: 'no exit record' },
        by: null,
        sizes: { stdout: 6, stderr: 0 },
        record: null,
      },
    },
  },
  reconnecting: {
    spec: { ...spec, id: 'reconnecting' },
    job: {
      ...newJob,
      phase: 'reconnecting',
      prepared: true,
      begun: { ...begun, session: 'perl' },
      startTime: started,
      signals: [{ signal: 'SIGUSR1', by, asked: '2026-03-01T12:00:05.000Z', sent: null }],
      link: {
        status: 'down',
        generation: 3,
        attempts: 2,
        lastContact: '2026-03-01T12:00:03.000Z',
        lostAt: '2026-03-01T12:00:04.000Z',
        tried: 0,
        nextTry: '2026-03-01T12:00:07.500Z',
        fault: { code: 'timeout', evidence: 'ssh: connect to host gpu1 port 22: Connection timed out' },
      },
    },
  },
  launching: { spec: { ...spec, id: 'launching' }, job: newJob },
}
