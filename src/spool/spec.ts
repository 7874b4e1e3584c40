/** spec.json <-> Spec. */
import type { Hop, Program, Route, Spec } from '../domain/spec.ts'
import { type Read, readRecord } from './read-record.ts'
import { FORMAT, type SpecRecord, specRecord } from './schema.ts'

export const readSpec = (path: string): Read<Spec> => {
  const read = readRecord(path, specRecord)
  if (!read.ok) return read
  const { argv, command } = read.value.program
  if ((argv === null) === (command === null))
    return { ok: false, fault: { code: 'damaged', path, detail: 'program: expected one of argv and command' } }
  return { ok: true, value: specOf(read.value) }
}

const specOf = (record: SpecRecord): Spec => ({
  id: record.id,
  nonce: record.nonce,
  name: record.name,
  labels: record.labels,
  host: record.host,
  route: record.route,
  program: programOf(record.program),
  cwd: record.program.cwd,
  env: record.program.env,
  inherit: record.program.inherit,
  unset: record.program.unset,
  hasStdin: record.program.stdin !== null,
  stdinOpen: record.stdin_open,
  onDisconnect: record.on_disconnect,
  plain: record.plain,
  lease: record.lease,
  keepalive: record.keepalive,
  connectTimeout: record.connect_timeout,
  limits: {
    giveUpAfter: record.give_up_after,
    timeout: record.timeout,
    idleTimeout: record.idle_timeout,
    maxOutput: record.max_output,
    onMaxOutput: record.on_max_output,
    grace: record.grace,
  },
  series: seriesOf(record.series),
  remoteDir: record.remote_dir,
  secret: record.secret,
  sharesConnection: record.share_connection,
  onExit: record.on_exit,
  callback: callbackOf(record.callback),
  group: groupOf(record.group),
  rerunOf: record.rerun_of,
  logFile: record.log_file,
  asked: record.asked,
  created: record.created,
})

const callbackOf = (record: SpecRecord['callback']): Spec['callback'] => {
  if (record === null) return null
  const { url, method, ca, retry_frequency, timeout, output_buffer, output_latency } = record
  return {
    ...{ url, method, ca, timeout },
    retryFrequency: retry_frequency,
    outputBuffer: output_buffer,
    outputLatency: output_latency,
  }
}

const recordOfCallback = (callback: Spec['callback']): SpecRecord['callback'] => {
  if (callback === null) return null
  const { url, method, ca, retryFrequency, timeout, outputBuffer, outputLatency } = callback
  return {
    ...{ url, method, ca, timeout },
    retry_frequency: retryFrequency,
    output_buffer: outputBuffer,
    output_latency: outputLatency,
  }
}

const groupOf = (record: SpecRecord['group']): Spec['group'] => {
  if (record === null) return null
  const { max_parallel: maxParallel, fail_fast: failFast, retry_of: retryOf, ...place } = record
  return { ...place, maxParallel, failFast, retryOf }
}

const recordOfGroup = (group: Spec['group']): SpecRecord['group'] => {
  if (group === null) return null
  const { maxParallel: max_parallel, failFast: fail_fast, retryOf: retry_of, ...place } = group
  return { ...place, max_parallel, fail_fast, retry_of }
}

const programOf = ({ argv, command }: SpecRecord['program']): Program =>
  argv === null ? { command: command ?? '' } : { argv: [...argv] as [string, ...string[]] }

export const recordOfSpec = (spec: Spec): SpecRecord => ({
  format: FORMAT,
  id: spec.id,
  nonce: spec.nonce,
  name: spec.name,
  labels: { ...spec.labels },
  host: spec.host,
  route: recordOfRoute(spec.route),
  program: {
    argv: spec.program.argv === undefined ? null : ([...spec.program.argv] as [string, ...string[]]),
    command: spec.program.command ?? null,
    cwd: spec.cwd,
    env: Object.fromEntries(Object.keys(spec.env).map((name) => [name, null])),
    inherit: typeof spec.inherit === 'boolean' ? spec.inherit : [...spec.inherit],
    unset: [...spec.unset],
    stdin: spec.hasStdin ? 'stdin' : null,
  },
  stdin_open: spec.stdinOpen,
  on_disconnect: spec.onDisconnect,
  plain: spec.plain,
  lease: spec.lease,
  keepalive: { ...spec.keepalive, eager: spec.keepalive.eager ?? false },
  connect_timeout: spec.connectTimeout,
  give_up_after: spec.limits.giveUpAfter,
  timeout: spec.limits.timeout,
  idle_timeout: spec.limits.idleTimeout,
  max_output: spec.limits.maxOutput,
  on_max_output: spec.limits.onMaxOutput,
  grace: spec.limits.grace,
  series: recordOfSeries(spec.series),
  remote_dir: spec.remoteDir,
  secret: spec.secret,
  share_connection: spec.sharesConnection,
  on_exit: spec.onExit,
  callback: recordOfCallback(spec.callback),
  group: recordOfGroup(spec.group),
  rerun_of: spec.rerunOf,
  log_file: spec.logFile,
  asked: spec.asked === null ? null : { ...spec.asked },
  created: spec.created,
})

const seriesOf = (record: SpecRecord['series']): Spec['series'] => {
  if (record === null) return null
  const { initial_delay: initialDelay, ...others } = record
  return { ...others, initialDelay }
}

const recordOfSeries = (series: Spec['series']): SpecRecord['series'] => {
  if (series === null) return null
  const { initialDelay: initial_delay, ...others } = series
  return { ...others, initial_delay }
}

const recordOfRoute = (route: Route): SpecRecord['route'] => {
  switch (route.kind) {
    case 'local':
      return route
    case 'ssh':
      return { ...route, options: [...route.options], onward: route.onward.map(recordOfHop) }
    case 'hops': {
      const [first, ...others] = route.hops
      return { ...route, hops: [recordOfHop(first), ...others.map(recordOfHop)] }
    }
  }
}

const recordOfHop = ({
  argv: [program, ...args],
  words,
}: Hop): { argv: [string, ...string[]]; words: Hop['words'] } => ({
  argv: [program, ...args],
  words,
})
