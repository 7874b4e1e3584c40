/** Says what can't be in a command that a program asks for: the command line's parsers have asked the same of what was typed. */
import { type Command, DEFAULTS, DURATIONS } from './command.ts'
import { isChosenId, isJobName, isLabelKey, isLabelValue, isPort, isUserName, spellOption } from './names.ts'
import { type Problem, usage } from './problem.ts'

/** undefined: nothing is wrong by itself; what contradicts what, the draft says. */
export const checkCommand = (command: Command): Problem | undefined => {
  const message = findMisfit(command)
  return message === undefined ? undefined : usage(message)
}

const findMisfit = (command: Command): string | undefined => {
  const {
    id,
    inherit = true,
    unset = [],
    name,
    label = {},
    port,
    keepalive = DEFAULTS.keepalive,
    sudo,
    sudoFirst,
    count,
    maxOutput,
  } = command
  const names = [...(typeof inherit === 'boolean' ? [] : inherit), ...unset]
  const checks: readonly [isRight: boolean, message: string][] = [
    [
      id === undefined || isChosenId(id),
      "--id is 3 to 32 lower-case letters and digits, a letter first, and is not 'last'",
    ],
    [
      names.every((one) => one !== '' && !one.includes('=')),
      'a name of the environment is not empty, and has no = in it',
    ],
    [name === undefined || isJobName(name), "--name is one word that doesn't begin with a dash and is not 'last'"],
    ...Object.entries(label).map(([key, value]): [boolean, string] => [
      isLabelKey(key) && isLabelValue(value),
      `--label ${key}=${value} can't be`,
    ]),
    [port === undefined || isPort(port), '--port is a number from 1 to 65535'],
    [sudo === undefined || isUserName(sudo), '--sudo takes the name of a user'],
    [sudoFirst === undefined || isUserName(sudoFirst), '--sudo-first takes the name of a user'],
    [isCount(keepalive.interval) && isCount(keepalive.count), '--keepalive takes two whole numbers, 1 or more'],
    [count === undefined || (Number.isInteger(count) && count >= 1), '--count takes a whole number, 1 or more'],
    [maxOutput === undefined || Number.isInteger(maxOutput), '--max-output takes a whole number of bytes'],
    ...DURATIONS.map((option): [boolean, string] => [
      isDuration(command[option]),
      `--${spellOption(option)} takes milliseconds, 0 or more`,
    ]),
    [!wordsOf(command).some((word) => word.includes('\0')), 'a word, a line or a value has a NUL in it'],
  ]
  return checks.find(([isRight]) => !isRight)?.[1]
}

const isCount = (given: unknown): boolean => Number.isInteger(given) && Number(given) >= 1 && Number(given) <= 999_999

const isDuration = (ms: number | undefined): boolean => ms === undefined || (Number.isFinite(ms) && ms >= 0)

/** All text that reaches a shell, ssh or a file's name. */
const wordsOf = ({ program, label: _, env = {}, ...options }: Command): string[] => [
  ...(typeof program === 'string' ? [program] : program),
  ...Object.values(env),
  ...Object.values(options).flatMap((value) =>
    typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(String) : [],
  ),
]
