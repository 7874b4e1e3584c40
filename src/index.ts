/**
 * chap as a library: start jobs, follow them, wait for them, end them. All of it works on the spool, as the command line does, which is
 * built of what is here and of nothing else; a job outlives the program that started it.
 *
 * What can be expected to go wrong is a result: a `Problem`, told from others by `isProblem`. What is thrown is a defect, or an argument
 * that the types forbid. Durations are milliseconds, sizes and offsets bytes, times RFC 3339 in UTC, unless a comment says otherwise.
 */

// Commands, and starting them.

export type { CallbackOptions } from './library/callback-options.ts'
export { type Command, type CommandOptions, DEFAULTS, type DraftOptions, type Program } from './library/command.ts'
export { type Group, type StartedGroup, startGroup } from './library/group.ts'
export { type Retry, retryFailed } from './library/retry.ts'
export type { SeriesOptions } from './library/series-options.ts'
export { type Started, type StartOptions, start } from './library/start.ts'
export { type StartedDocument, startDocument } from './library/start-document.ts'

// Jobs: finding, following, waiting for, ending, removing them.

export { type Attachment, type AttachOptions, attach, type From } from './library/attach.ts'
export type { JobLike } from './library/choose-job.ts'
export { type Delivered, type DeliverOptions, deliver } from './library/deliver.ts'
export { type EventsOptions, events } from './library/events.ts'
export { type BadEnd, type HistoryOptions, history } from './library/history.ts'
export { find, inspect, type ListOptions, list } from './library/jobs.ts'
export { type AskOfJobOptions, type Killed, type KillOptions, kill, sendSignal } from './library/kill.ts'
export type { Line } from './library/lines.ts'
export { type Held, type Pruned, type PruneOptions, prune } from './library/prune.ts'
export { type RecoverOptions, type Recovery, recover, recoverAll } from './library/recover.ts'
export { type RemoveOptions, remove } from './library/remove.ts'
export { type RerunOptions, rerun } from './library/rerun.ts'
export { listRuns, type Run, type RunBegin, type RunEnd } from './library/runs.ts'
export { type SendOptions, type SentInput, send } from './library/send.ts'
export type { InSpool } from './library/surroundings.ts'
export { type Ended, type WaitOptions, wait } from './library/wait.ts'
export { type WatchOptions, watch } from './library/watch.ts'
export {
  type AttachGroupOptions,
  attachGroup,
  type GroupAttachment,
  type GroupEnd,
  type GroupLike,
  type GroupLine,
  type GroupPiece,
  type Origin,
  waitGroup,
} from './library/whole-group.ts'

// What goes wrong.

export type { CallbackFault } from './domain/callback-reply.ts'
export type { NodeSetFault } from './domain/expand-nodes.ts'
export type { Fault, FaultCode } from './domain/fault.ts'
export type { SecretFault } from './domain/secret.ts'
export type { Misfit } from './library/misfits.ts'
export type { DocumentFault } from './library/parse-document.ts'
export { isProblem, type Problem } from './library/problem.ts'
export type { SpoolFault } from './spool/guard.ts'
export type { Read, ReadFault } from './spool/read-record.ts'
export type { Recovered } from './watcher/recover.ts'

// What there is to know of a job.

export { parseDuration } from './domain/duration.ts'
export type { Gap } from './domain/gaps.ts'
export type { Intent, Job, LinkState, Phase, SentSignal } from './domain/job.ts'
export { endedBy, exitStatusOfJob, outcomeOf } from './domain/job.ts'
export type { LineKind } from './domain/lines.ts'
export type { EndedBy, Outcome, RefusedReason, UnknownReason } from './domain/outcome.ts'
export { exitStatusOf, isLimit } from './domain/outcome.ts'
export type { Report, Sizes } from './domain/report.ts'
export type { AskSecret, Secret, SecretSource } from './domain/secret.ts'
export type { Signal } from './domain/signals.ts'
export type { Asker, Callback, Hop, Limits, Program as SpecProgram, Route, Series, Spec } from './domain/spec.ts'
export type { Verdict } from './domain/verdict.ts'
export { readGaps } from './spool/gaps.ts'
export type { JobPaths } from './spool/layout.ts'
export type { State } from './spool/state.ts'
export type { Stream } from './spool/timeline.ts'
export type { JobView } from './watcher/job-view.ts'
export type { SpoolEvent } from './watcher/past-events.ts'

// One argv for a command somewhere, without a job.

export { type BuildOptions, buildCommand, buildProgram, type Mode } from './transport/build-command.ts'

// The pieces of which those above are made, and the command line.
// They are no promise: any release may change them.

// What the commands share with the functions above.

export { offsetsOf } from './library/attach.ts'
export { checkCommand } from './library/check-command.ts'
export {
  type Attached,
  checkOwnSpool,
  chooseEach,
  chooseJobs,
  chooseOne,
  hostOf,
  isEnded,
  isGoingOn,
  jobOf,
  type Selection,
} from './library/choose-job.ts'
export { deliverAll } from './library/deliver.ts'
export { type AskedJob, readDocument } from './library/document.ts'
export { digestAsked } from './library/document-places.ts'
export { type Draft, draftJob, readEnvironment } from './library/draft.ts'
export { nameInGroup, putGroupToWork } from './library/group.ts'
export { chooseHistory } from './library/history.ts'
export { joinUser, readHost } from './library/host.ts'
export { type Hosts, listHostSets } from './library/host-sets.ts'
export { documentOfJob } from './library/job-document.ts'
export { askJob, problemOfAsked } from './library/kill.ts'
export { isChosenId, isJobName, isLabelKey, isLabelValue, isPort, isUserName, spellOption } from './library/names.ts'
export { MOST_BYTES, parseDocument } from './library/parse-document.ts'
export { speakOfPlaces } from './library/place-words.ts'
export { attempt, problemOfTrouble, usage } from './library/problem.ts'
export { carryOutPrune, type PrunePlan, planPrune } from './library/prune.ts'
export { putOnce } from './library/put-once.ts'
export { needsRecovery, recoverView } from './library/recover.ts'
export { removeView } from './library/remove.ts'
export { type Redraft, redraft } from './library/rerun.ts'
export { draftRetry, type GroupDraft } from './library/retry.ts'
export { findClosed, problemOfSent, readUndelivered } from './library/send.ts'
export { putToWork, readStdin } from './library/start.ts'
export { type Surroundings, surroundingsOf } from './library/surroundings.ts'

// Reading the spool, and asking.

export { type Asked, type AskOptions, ask, type Wish } from './watcher/ask.ts'
export { type CallbackView, viewCallback } from './watcher/callback.ts'
export { copyMerged, readSizesNow } from './watcher/copy-merged.ts'
export { copyPresent, type OnRun, type Sinks } from './watcher/copy-streams.ts'
export { measureDisk } from './watcher/disk-use.ts'
export { type FindFault, type Found, findGroup, findJob, hasLabels, listJobs } from './watcher/find-jobs.ts'
export { type Followed, type FollowOptions, followJob, nextTryOf } from './watcher/follow.ts'
export { followMany, followSpool, type Member } from './watcher/follow-many.ts'
export { findNewer, viewJob } from './watcher/job-view.ts'
export type { Recovery as RecoveryHooks } from './watcher/keep-attended.ts'
export { type LastLine, readLastLine } from './watcher/last-line.ts'
export { findLastLines } from './watcher/last-lines.ts'
export { openTimes } from './watcher/line-times.ts'
export { type LogFileView, viewLogFile } from './watcher/log-file.ts'
export { type OnExitView, viewOnExit } from './watcher/on-exit.ts'
export { readForward } from './watcher/read-forward.ts'
export { recoverJob } from './watcher/recover.ts'
export { findRun } from './watcher/run-range.ts'
export { groupBySameOutput } from './watcher/same-output.ts'
export { type Sent, type SentAll, sendInput } from './watcher/send-input.ts'
export { seriesOf, viewLastRuns, viewRuns } from './watcher/series.ts'
export type { Sink } from './watcher/source.ts'
export { type GiveJob, spawnChaperone } from './watcher/spawn-chaperone.ts'
export { watchEvents } from './watcher/spool-events.ts'
export type { BegunInGroup, StartedGroup as PutGroup } from './watcher/start-group.ts'
export { type Begun, type StartedJob, startJob } from './watcher/start-job.ts'
export { openState } from './watcher/state-reader.ts'
export { tendGroup } from './watcher/tend-group.ts'
export { findRange, type Range } from './watcher/time-range.ts'
export type { Trouble } from './watcher/trouble.ts'
export { type Waited, waitForJobs } from './watcher/wait.ts'

// Of the process that owns a job.

export { findRuntimeDir, makeRuntimeDir } from './chaperone/runtime-dir.ts'
export { serveHere } from './chaperone/serve-here.ts'

// Ways to reach a machine.

export { type Child, childOf } from './transport/child.ts'
export { type LinkCommand, linkCommand } from './transport/commands.ts'
export { composeHops, shLine } from './transport/hops.ts'
export { launcherText, takeLauncher } from './transport/launcher.ts'
export { onLines } from './transport/lines.ts'
export { runBySh, toOctal } from './transport/quote.ts'
export { REFUSED } from './transport/ssh.ts'
export { directArgv, masterArgv, type SshTarget, sessionArgv, targetOf } from './transport/ssh-argv.ts'
export { readSshWords } from './transport/ssh-words.ts'
export { explainNoStart } from './transport/start-ssh.ts'

// The spool on disk.

export { writeRecord } from './spool/atomic.ts'
export { ringDoorbell } from './spool/doorbell.ts'
export { eventRecord } from './spool/event-schema.ts'
export { removeEmptyGroups } from './spool/groups.ts'
export { checkSpool, openSpool } from './spool/guard.ts'
export { findSpool, jobsDir } from './spool/layout.ts'
export { newRequestId, putRequest } from './spool/requests.ts'
export { type Room, readRoom, runsLow } from './spool/room.ts'
export { isGoing, nextDue, parseRuns, type Run as NotedRun, type RunNote, type RunsSummary } from './spool/runs.ts'
export { isNoRoom } from './spool/spare.ts'
export { readState } from './spool/state.ts'

// The words of all of them.

export { formatDuration, spellSeconds } from './domain/duration.ts'
export { type Clusters, expandNodes, MOST_NODES } from './domain/expand-nodes.ts'
export { inputOf } from './domain/input.ts'
export type { OnExitEnd } from './domain/job-events.ts'
export { type OnLine, splitLines } from './domain/lines.ts'
export { foldNodes } from './domain/node-set.ts'
export { EXIT_CHAP } from './domain/outcome.ts'
export { isSignal, parseSignal, SIGNALS } from './domain/signals.ts'
export type { GroupPlace } from './domain/spec.ts'
