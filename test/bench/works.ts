// All measurements, in the order of the table.
import { atOnce } from './at-once.ts'
import { callback } from './callback.ts'
import { events } from './events.ts'
import { follow } from './follow.ts'
import { gigabit } from './gigabit.ts'
import { group } from './group.ts'
import { idle } from './idle.ts'
import { local } from './local.ts'
import { ls } from './ls.ts'
import { merge } from './merge.ts'
import { replay } from './replay.ts'
import { resume } from './resume.ts'
import { series } from './series.ts'
import { start } from './start.ts'
import { transfer } from './transfer.ts'
import type { Work } from './work.ts'

export const works: readonly Work[] = [
  transfer,
  gigabit,
  local,
  follow,
  start,
  replay,
  resume,
  idle,
  atOnce,
  group,
  ls,
  merge,
  events,
  series,
  callback,
]
