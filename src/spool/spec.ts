/** spec.json <-> Spec. */
import type { Program, Spec } from '../domain/spec.ts'
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
  hasStdin: record.program.stdin !== null,
  onDisconnect: record.on_disconnect,
  plain: record.plain,
  lease: record.lease,
  keepalive: record.keepalive,
  connectTimeout: record.connect_timeout,
  remoteDir: record.remote_dir,
  secret: record.secret,
  sharesConnection: record.share_connection,
  created: record.created,
})

const programOf = ({ argv, command }: SpecRecord['program']): Program =>
  argv === null ? { command: command ?? '' } : { argv: [...argv] as [string, ...string[]] }

export const recordOfSpec = (spec: Spec): SpecRecord => ({
  format: FORMAT,
  id: spec.id,
  nonce: spec.nonce,
  name: spec.name,
  labels: { ...spec.labels },
  host: spec.host,
  route: spec.route.kind === 'local' ? spec.route : { ...spec.route, options: [...spec.route.options] },
  program: {
    argv: spec.program.argv === undefined ? null : ([...spec.program.argv] as [string, ...string[]]),
    command: spec.program.command ?? null,
    cwd: spec.cwd,
    env: Object.fromEntries(Object.keys(spec.env).map((name) => [name, null])),
    stdin: spec.hasStdin ? 'stdin' : null,
  },
  on_disconnect: spec.onDisconnect,
  plain: spec.plain,
  lease: spec.lease,
  keepalive: spec.keepalive,
  connect_timeout: spec.connectTimeout,
  remote_dir: spec.remoteDir,
  secret: spec.secret,
  share_connection: spec.sharesConnection,
  created: spec.created,
})
