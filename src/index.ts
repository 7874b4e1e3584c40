/**
 * chap as a library: start jobs, follow them, wait for them, end them. All of it works on the spool, as the command line does, which is
 * built of what is here and of nothing else; a job outlives the program that started it.
 *
 * What can be expected to go wrong is a result: a `Problem`, told from others by `isProblem`. What is thrown is a defect, or an argument
 * that the types forbid. Durations are milliseconds, sizes and offsets bytes, times RFC 3339 in UTC, unless a comment says otherwise.
 */

// Commands, and starting them.

export { type Command, type CommandOptions, DEFAULTS, type Program } from './library/command.ts'
export { type Started, type StartOptions, start } from './library/start.ts'

// Jobs: finding, following, waiting for, ending, removing them.

export { type Attachment, type AttachOptions, attach, type From } from './library/attach.ts'
export type { JobLike } from './library/choose-job.ts'
export { find, inspect, type ListOptions, list } from './library/jobs.ts'
export { type AskOfJobOptions, type Killed, type KillOptions, kill, sendSignal } from './library/kill.ts'
export type { Line } from './library/lines.ts'
export { type RecoverOptions, type Recovery, recover, recoverAll } from './library/recover.ts'
export { type Pruned, type PruneOptions, prune, type RemoveOptions, remove } from './library/remove.ts'
export type { InSpool } from './library/surroundings.ts'
export { type Ended, type WaitOptions, wait } from './library/wait.ts'

// What goes wrong.

export type { Fault, FaultCode } from './domain/fault.ts'
export type { SecretFault } from './domain/secret.ts'
export { isProblem, type Problem } from './library/problem.ts'
export type { SpoolFault } from './spool/guard.ts'
export type { Read, ReadFault } from './spool/read-record.ts'
export type { Recovered } from './watcher/recover.ts'

// What there is to know of a job.

export { parseDuration } from './domain/duration.ts'
export type { Intent, Job, LinkState, Phase, SentSignal } from './domain/job.ts'
export { endedBy, exitStatusOfJob, outcomeOf } from './domain/job.ts'
export type { LineKind } from './domain/lines.ts'
export type { EndedBy, Outcome, RefusedReason, UnknownReason } from './domain/outcome.ts'
export { exitStatusOf } from './domain/outcome.ts'
export type { Report, Sizes } from './domain/report.ts'
export type { AskSecret, Secret, SecretSource } from './domain/secret.ts'
export type { Signal } from './domain/signals.ts'
export type { Asker, Hop, Limits, Program as SpecProgram, Route, Spec } from './domain/spec.ts'
export type { Verdict } from './domain/verdict.ts'
export type { JobPaths } from './spool/layout.ts'
export type { State } from './spool/state.ts'
export type { Stream } from './spool/timeline.ts'
export type { JobView } from './watcher/job-view.ts'

// One argv for a command somewhere, without a job.

export { type BuildOptions, buildCommand, buildProgram, type Mode } from './transport/build-command.ts'

// The pieces of which those above are made, and the command line.

export { checkSpool, openSpool } from './spool/guard.ts'
export { findSpool } from './spool/layout.ts'
export { type Asked, type AskOptions, ask, type Wish } from './watcher/ask.ts'
export { type FindFault, type Found, findJob, listJobs } from './watcher/find-jobs.ts'
export { type Followed, type FollowOptions, followJob } from './watcher/follow.ts'
export { viewJob } from './watcher/job-view.ts'
export { readSecret } from './watcher/read-secret.ts'
export { recoverJob } from './watcher/recover.ts'
export { type SendOptions, type Sent, type SentAll, sendInput } from './watcher/send-input.ts'
export { type Begun, type StartedJob, startJob } from './watcher/start-job.ts'
export type { Trouble } from './watcher/trouble.ts'
export { type Waited, waitForJobs } from './watcher/wait.ts'
