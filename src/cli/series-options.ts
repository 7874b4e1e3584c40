/** The options of a series, as they are typed. */
import { type Command, Option } from 'commander'
import { readCount, readDuration } from './options.ts'

export const addSeriesOptions = (command: Command): Command =>
  command
    .optionsGroup('Again and again:')
    .option('--every <duration>', 'run it again and again, in such a period', readDuration)
    .option('--count <number>', 'so many times (default: until it is killed)', readCount)
    .option('--forever', 'until it is killed')
    .option('--initial-delay <duration>', 'before the first time', readDuration)
    .option('--jitter <duration>', 'put each time off by a random time below this', readDuration)
    .addOption(
      new Option('--overrun <what>', 'when it is due and still runs: skip that time, or run it right after').choices([
        'skip',
        'now',
      ]),
    )
