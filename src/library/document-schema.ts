/**
 * The document by which a program asks for a job. One source: the check, what is said of a field that is wrong (each message is what was expected), and the
 * published JSON Schema. null stands for what is not given. Durations are seconds.
 */
import * as v from 'valibot'

const text = v.pipe(v.string('text'), v.nonEmpty('text that is not empty'))
const flag = v.boolean('true or false')
const words = v.array(text, 'a list of words')
const seconds = v.pipe(v.number('a number of seconds'), v.minValue(0, 'a number of seconds, 0 or more'))
const whole = (least: number, what: string) => {
  const message = `${what}, ${least} or more`
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message))
}
const path = v.pipe(v.string('an absolute path'), v.regex(/^\//, 'an absolute path'))

/** valibot takes lists for objects, too. */
const table = v.custom<Readonly<Record<string, unknown>>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  'an object',
)
/** Unlike a strict object's, each unknown field is said. */
const object = <const T extends v.ObjectEntries>(entries: T) =>
  v.pipe(table, v.objectWithRest(entries, v.never('nothing (there is no such field)')))
const record = <const T extends v.GenericSchema>(value: T) => v.pipe(table, v.record(v.string(), value))

const nullish = v.nullish
/** What a reader of the published schema is told. */
const about = <const T extends v.GenericSchema>(description: string, schema: T) =>
  v.pipe(schema, v.description(description))

const PROGRAM = 'an object with one of argv and command'

const program = v.pipe(
  object({
    argv: nullish(v.tupleWithRest([text], v.string('text'), 'a list of words, the first of them a program')),
    command: nullish(about('a line for sh -c', text)),
    cwd: nullish(about('by default where chap is called, and on a host its home', text)),
    env: nullish(
      about(
        'set on top of what is inherited; null: the job does not have it',
        record(v.nullable(v.string('text, or null'))),
      ),
    ),
    inherit: nullish(
      about(
        'of the environment that its machine gives: all (the default), nothing, or these names',
        v.union([flag, v.array(text)], 'true, false, or a list of names'),
      ),
    ),
    stdin: nullish(
      about(
        'a string: the text itself; file: read now; open: what chap send brings; null: /dev/null',
        v.union(
          [v.string(), object({ file: path }), object({ open: v.literal(true) })],
          'text, { "file": an absolute path }, { "open": true }, or null',
        ),
      ),
    ),
  }),
  v.check(({ argv, command }) => (argv == null) !== (command == null), PROGRAM),
  // What JSON Schema needs to say the same.
  v.metadata({
    oneOf: [
      { properties: { argv: { type: 'array' } }, required: ['argv'] },
      { properties: { command: { type: 'string' } }, required: ['command'] },
    ],
  }),
)

const route = object({
  ssh_config: nullish(
    v.pipe(v.string('an absolute path, or none'), v.regex(/^(\/.*|none)$/, 'an absolute path, or none')),
  ),
  ssh_options: nullish(words),
  port: nullish(v.pipe(whole(1, 'a port'), v.maxValue(65_535, 'a port, 65535 or less'))),
  identity: nullish(v.pipe(v.string('an absolute path'), v.regex(/^[/~%$]/, 'an absolute path'))),
  jump: nullish(text),
  relay: nullish(text),
  relay_program: nullish(text),
  sudo: nullish(text),
  sudo_first: nullish(text),
  via: nullish(words),
  via_line: nullish(words),
  transport: nullish(text),
  plain: nullish(flag),
  accept_new: nullish(flag),
  share_connection: nullish(flag),
  password_file: nullish(path),
  password_command: nullish(text),
  keepalive: nullish(object({ interval: whole(1, 'a whole number of seconds'), count: whole(1, 'a whole number') })),
  connect_timeout: nullish(seconds),
  remote_dir: nullish(text),
})

const MODES = ['direct', 'ssh-as', 'sudo-then-ssh', 'ssh-then-sudo', 'local', 'local-sudo'] as const

export const documentSchema = object({
  id: nullish(
    about(
      'asked again for the same under the same id, it is the same job',
      v.pipe(
        v.string('3 to 32 lower-case letters and digits, a letter first'),
        v.regex(/^[a-z][a-z0-9]{2,31}$/, '3 to 32 lower-case letters and digits, a letter first'),
      ),
    ),
  ),
  name: nullish(text),
  labels: nullish(record(v.string('text'))),
  host: nullish(about('[user@]host[:port], an ssh:// address, or a name of the config file; null: this machine', text)),
  mode: nullish(about('how the user comes to run it there', v.picklist(MODES, `one of ${MODES.join(', ')}`))),
  user: nullish(text),
  route: nullish(route),
  program,
  series: nullish(
    object({
      every: seconds,
      count: nullish(whole(1, 'a whole number')),
      initial_delay: nullish(seconds),
      jitter: nullish(seconds),
      overrun: nullish(v.picklist(['skip', 'now'], 'skip or now')),
    }),
  ),
  timers: nullish(object({ timeout: nullish(seconds), idle_timeout: nullish(seconds), grace: nullish(seconds) })),
  policy: nullish(
    object({
      on_disconnect: nullish(v.picklist(['keep', 'kill'], 'keep or kill')),
      lease: nullish(seconds),
      max_output: nullish(about('of both streams together', whole(1, 'a whole number of bytes'))),
      on_max_output: nullish(v.picklist(['keep', 'kill'], 'keep or kill')),
      give_up_after: nullish(seconds),
    }),
  ),
  callback: nullish(object({ url: text, method: nullish(text), token: nullish(text), ca: nullish(path) })),
  config: nullish(
    about(
      "of the callback; its timeout is how long tries without success go on, and not the program's",
      object({
        retry_frequency: nullish(seconds),
        timeout: nullish(seconds),
        output_buffer: nullish(whole(1, 'a whole number of bytes')),
        output_latency: nullish(seconds),
      }),
    ),
  ),
  on_exit: nullish(text),
  log_file: nullish(path),
})

export type JobDocument = v.InferOutput<typeof documentSchema>
