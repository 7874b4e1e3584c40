// What really happens on the remote, whoever knows of it. The law compares chap's words with this.
import type { Signal } from '../../src/domain/signals.ts'

/** The remote's timers. */
export type Timer = 'lease' | 'timeout' | 'idle' | 'max_output'

export interface Truth {
  /** Times that the command began. */
  begun: number
  isRunning: boolean
  /** The shell's `$?`, once the command has ended by itself or by a signal; null when a reboot took it. */
  status: number | null
  readonly written: { stdout: number; stderr: number }
  /** The sizes that the supervisor recorded. */
  recorded: { readonly stdout: number; readonly stderr: number } | null
  readonly delivered: Map<Signal, number>
  reboots: number
  supervisorDied: boolean
  deletions: number
  /** The timer by which the remote ended the command, if one did before the command ended by itself. */
  expired: Timer | null
  /** When the command began, and when a byte was written last before a timer ran out. */
  begunAt: number
  wroteAt: number
  /** When its timer ran out. */
  expiredAt: number
  /** Bytes that were written then. */
  expiredWith: number
  /** Of a series: times that each run began, its notes, and its end as the supervisor recorded it; null: it is none. */
  series: {
    readonly begun: Map<number, number>
    notes: string
    end: { readonly status: number; readonly why: string } | null
  } | null
}

export const newTruth = (): Truth => ({
  begun: 0,
  isRunning: false,
  status: null,
  written: { stdout: 0, stderr: 0 },
  recorded: null,
  delivered: new Map(),
  reboots: 0,
  supervisorDied: false,
  deletions: 0,
  expired: null,
  begunAt: 0,
  wroteAt: 0,
  expiredAt: 0,
  expiredWith: 0,
  series: null,
})
