/**
 * Bugs to be planted, one at a time: a text of src/ and what it becomes. Each must be found by the law. The second half are bugs
 * that the simulation found in chap: what mended them is taken out again.
 *
 * @type {readonly import('./bundle.mjs').Mutant[]}
 */
export const MUTANTS = [
  {
    name: 'the offset is taken while the old link still writes',
    focus: { faults: ['a client of ssh killed', 'followers killed'] },
    changes: [{ file: 'chaperone/attend.ts', from: 'await ending?.close()', to: 'void ending?.close()' }],
  },
  {
    name: 'a dead chaperone is not fenced off',
    focus: { faults: ['chaperone killed', 'silence'] },
    changes: [
      {
        file: 'chaperone/own.ts',
        from: 'await fenceOff(',
        to: 'void Array.of(',
      },
      { file: 'chaperone/own.ts', from: "import { fenceOff } from './fence.ts'\n", to: '' },
    ],
  },
  {
    name: 'only the last dead chaperone is fenced off',
    focus: { faults: ['chaperone dies at a call', 'silence', 'clock jumps'] },
    changes: [{ file: 'chaperone/own.ts', from: 'owner.number < number', to: 'owner.number === number - 1' }],
  },
  {
    name: 'a series ends with its supervisor',
    focus: { isSeries: true },
    changes: [{ file: 'domain/reporting.ts', from: 'if (terms.spec.series === null)', to: 'if (sizes !== null)' }],
  },
  {
    name: 'a series is done before all notes of its runs are here',
    focus: { isSeries: true },
    changes: [{ file: 'chaperone/drain.ts', from: '(have.runs ?? 0) >= (want.runs ?? 0)', to: 'true' }],
  },
  {
    name: 'found: the notes of runs may be lost in a power cut when the remote has removed its own',
    focus: { isSeries: true, faults: ['power lost'] },
    changes: [
      {
        file: 'chaperone/verify.ts',
        from: "sizes?.runs === undefined ? STREAMS : ([...STREAMS, 'runs'] as const)",
        to: 'STREAMS',
      },
    ],
  },
  {
    name: 'short output is written from its start, whatever is here already',
    focus: { faults: ['chaperone dies at a call', 'a client of ssh killed', 'followers killed'] },
    changes: [{ file: 'transport/following.ts', from: 'all[stream].subarray(from[stream])', to: 'all[stream]' }],
  },
  {
    name: 'a stream gets a second writer when the end is known',
    changes: [{ file: 'transport/following.ts', from: '    if (isOver) return\n    isOver = true\n', to: '' }],
  },
  {
    name: 'a request is answered before it is saved',
    changes: [
      {
        file: 'domain/stopping.ts',
        from: "const effects: Effect[] = [{ type: 'save' }, { type: 'answer', request: request.id, result }]",
        to: "const effects: Effect[] = [{ type: 'answer', request: request.id, result }, { type: 'save' }]",
      },
    ],
  },
  {
    name: 'a request is carried out and never answered',
    changes: [
      {
        file: 'domain/stopping.ts',
        from: "const effects: Effect[] = [{ type: 'save' }, { type: 'answer', request: request.id, result }]",
        to: "const effects: Effect[] = [{ type: 'save' }]; void result",
      },
    ],
  },
  {
    name: 'a launch is repeated blindly',
    changes: [
      {
        file: 'domain/reporting.ts',
        from: 'if (job.begun !== null || (job.prepared && fresh))',
        to: 'void fresh; if (job.begun !== null && false)',
      },
      {
        file: 'domain/reporting.ts',
        from: 'return concludeGone(job)',
        to: "return next({ ...job, prepared: true }, { type: 'save' }, { type: 'launch' })",
      },
    ],
  },
  {
    name: 'that the launch was asked for is not saved before it is',
    changes: [
      {
        file: 'domain/reporting.ts',
        from: ": next({ ...job, prepared: true }, { type: 'save' }, { type: 'launch' })",
        to: ": next({ ...job, prepared: true }, { type: 'launch' })",
      },
    ],
  },
  {
    name: 'a launch is asked for before the remote is told to keep what it is launched in',
    changes: [
      {
        file: 'domain/reporting.ts',
        from: "? next(job, { type: 'prepare' })",
        to: "? next({ ...job, prepared: true }, { type: 'save' }, { type: 'launch' })",
      },
    ],
  },
  {
    name: 'the status is published before the output is here',
    changes: [
      {
        file: 'domain/ending.ts',
        from: "typeof upTo === 'string' ? [{ type: 'drain', upTo }] : [{ type: 'follow' }, { type: 'drain', upTo }]",
        to: "typeof upTo === 'string' ? [{ type: 'drain', upTo }] : [{ type: 'follow' }, { type: 'drain', upTo: 'now' }]",
      },
    ],
  },
  {
    name: "a link's number is not on disk before it is used",
    changes: [
      {
        file: 'domain/connecting.ts',
        from: "...before, { type: 'save' }, { type: 'connect', generation })",
        to: "...before, { type: 'connect', generation })",
      },
    ],
  },
  {
    name: 'an outcome is revised by what a later link says',
    changes: [
      {
        file: 'domain/step.ts',
        from: "drained: (job) => next(job, { type: 'collect' }),",
        to: "drained: (job, { sizes }, terms) => publish({ ...job, ending: job.ending && { ...job.ending, outcome: { kind: 'exited', code: 0 } } }, sizes, terms),",
      },
    ],
  },
  {
    name: 'a kill is forgotten when the link is lost',
    changes: [
      {
        file: 'domain/connecting.ts',
        from: '{ ...job, phase, ending, link: { ...job.link',
        to: "{ ...job, intent: { kind: 'run' }, signals: [], phase, ending, link: { ...job.link",
      },
    ],
  },
  {
    name: 'the grace of a kill is lost with the chaperone',
    focus: { faults: ['chaperone killed', 'chaperone dies at a call'], isStubborn: true },
    changes: [
      {
        file: 'domain/stopping.ts',
        from: 'return next(job, ...owed).followedBy(next(job, ...graceLeft(job, terms)))',
        to: 'void terms; return next(job, ...owed)',
      },
    ],
  },
  {
    name: 'a record is renamed without being synced',
    changes: [
      {
        file: 'spool/atomic.ts',
        from: 'writeAll(fd, bytes)\n    fsyncSync(fd)',
        to: 'writeAll(fd, bytes)',
      },
    ],
  },
  {
    name: 'a directory is not synced after a rename',
    changes: [
      {
        file: 'spool/atomic.ts',
        from: '    throw error\n  }\n  syncDirectory(dirname(path))\n}\n\n/**\n * Like',
        to: '    throw error\n  }\n}\n\n/**\n * Like',
      },
    ],
  },
  {
    name: 'a write that took only some of the bytes is taken for a whole one',
    changes: [
      {
        file: 'spool/write-all.ts',
        from: 'for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)',
        to: 'writeSync(fd, bytes, 0)',
      },
    ],
  },
  {
    name: 'what nobody knows becomes exit status 0',
    changes: [
      {
        file: 'domain/reporting.ts',
        from: "return conclude(job, { kind: 'unknown', reason: why, evidence: 'no exit record' }, sizes)",
        to: "return conclude(job, { kind: 'exited', code: 0 }, sizes)",
      },
    ],
  },
  {
    name: 'a job that may have been launched is given up as one that never began',
    focus: { faults: ['silence', 'links cut', 'ssh killed'] },
    changes: [
      {
        file: 'domain/giving-up.ts',
        from: 'const outcome: Outcome = job.prepared',
        to: 'const outcome: Outcome = job.collected',
      },
    ],
  },
  {
    name: 'a try under way goes on when the job is given up',
    focus: { faults: ['refusal', 'silence'] },
    changes: [
      { file: 'chaperone/attend.ts', from: 'unopened?.giveUp()\n    await unopened?.over', to: 'void unopened' },
    ],
  },
  {
    name: 'the time for giving up is told by the clock on the wall',
    focus: { faults: ['clock jumps', 'refusal', 'silence', 'chaperone killed'] },
    changes: [
      {
        file: 'domain/giving-up.ts',
        from: 'tried: before.link.tried + pieceOf(before, limit)',
        to: 'tried: Math.max(0, Math.min(limit, Math.floor((Date.parse(terms.now) - Date.parse(terms.spec.created.time)) / 1000)))',
      },
    ],
  },
  {
    name: 'a watcher looks at the streams before the state',
    changes: [
      {
        file: 'watcher/follow.ts',
        from: 'const upTo = end?.job.sizes ?? streams.sizes()',
        to: 'const upTo = streams.sizes(); if (end !== undefined) return { kind: "ended", state: end }',
      },
    ],
  },
  {
    name: 'output that was not fetched while the disk was full never is',
    focus: { faults: ['disk full here'] },
    changes: [{ file: 'chaperone/attend.ts', from: 'return isHeld ? follow() : undefined', to: 'return undefined' }],
  },
  {
    name: 'a disk that is full is said to be so for ever',
    focus: { faults: ['disk full here'] },
    changes: [{ file: 'domain/ending.ts', from: '{ ...job, disk: null, link:', to: '{ ...job, link:' }],
  },
  {
    name: 'found: a link lost while the remote is cleaned is waited for, for ever',
    changes: [
      {
        file: 'transport/launcher-link.ts',
        from: "if (state !== 'up' && state !== 'discarding') return",
        to: "if (state !== 'up') return",
      },
    ],
  },
  {
    name: 'found: output that a power cut took after the end is not fetched again',
    focus: { faults: ['power lost', 'power lost at a call', 'command killed'] },
    changes: [
      {
        file: 'domain/ending.ts',
        from: "if (!isStored || job.sizes === null) return next(job, { type: 'collect' })",
        to: "if (!isStored || job.sizes !== undefined) return next(job, { type: 'collect' })",
      },
    ],
  },
  {
    name: 'found: deleted files are followed after the end was told',
    focus: { faults: ['directory deleted', 'disk full here', 'command killed'] },
    changes: [
      {
        file: 'domain/reporting.ts',
        from: 'return concludeGone(job)',
        to: "return conclude(job, { kind: 'unknown', reason: 'directory_gone', evidence: 'it is not there' }, 'now')",
      },
    ],
  },
  {
    name: 'found: an end that is told together with the greeting is not heard',
    focus: { faults: ['chaperone stopped', 'a client of ssh killed'] },
    changes: [
      {
        file: 'chaperone/attend.ts',
        from: 'if (current === undefined) early.push(said)',
        to: 'if (current === undefined) return',
      },
    ],
  },
  {
    name: 'found: what a lost link had prepared is not removed when the job is refused',
    changes: [{ file: 'domain/ending.ts', from: '!(job.prepared || job.doubtful)', to: '!job.prepared' }],
  },
  {
    name: 'found: a state that a dead chaperone left is built upon before it is durable',
    focus: { faults: ['chaperone dies at a call', 'power lost at a call'] },
    changes: [
      {
        file: 'chaperone/own.ts',
        from: '  syncDirectory(dir)\n',
        to: '',
      },
    ],
  },
]
