/**
 * chap as a library: start jobs, find them, follow them, wait for them, end them. All of it works on the spool, as the command line does;
 * a job outlives the program that started it.
 */
export type { Fault, FaultCode } from './domain/fault.ts'
export type { Intent, Job, LinkState, Phase, SentSignal } from './domain/job.ts'
// biome-ignore lint/performance/noBarrelFile: a library's public face is what this file is for
export { outcomeOf } from './domain/job.ts'
export type { EndedBy, Outcome, RefusedReason, UnknownReason } from './domain/outcome.ts'
export { exitStatusOf } from './domain/outcome.ts'
export type { Report, Sizes } from './domain/report.ts'
export type { AskSecret, Secret, SecretFault, SecretSource } from './domain/secret.ts'
export type { Signal } from './domain/signals.ts'
export type { Asker, Program, Route, Spec } from './domain/spec.ts'
export type { Verdict } from './domain/verdict.ts'
export type { SpoolFault } from './spool/guard.ts'
export { checkSpool, openSpool } from './spool/guard.ts'
export { findSpool, type JobPaths } from './spool/layout.ts'
export type { Read, ReadFault } from './spool/read-record.ts'
export type { State } from './spool/state.ts'
export { type Asked, type AskOptions, ask, type Wish } from './watcher/ask.ts'
export { type FindFault, type Found, findJob, listJobs } from './watcher/find-jobs.ts'
export { type Followed, type FollowOptions, followJob } from './watcher/follow.ts'
export { type JobView, viewJob } from './watcher/job-view.ts'
export { readSecret } from './watcher/read-secret.ts'
export { type Recovered, recoverJob } from './watcher/recover.ts'
export { type Begun, type StartedJob, startJob } from './watcher/start-job.ts'
export type { Trouble } from './watcher/trouble.ts'
export { type Waited, type WaitOptions, waitForJobs } from './watcher/wait.ts'
