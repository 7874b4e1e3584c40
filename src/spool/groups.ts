/** Groups: jobs that were started together. Their list is on disk before the first of them is. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { syncDirectory, writeRecord } from './atomic.ts'
import { drawId } from './create.ts'
import { groupPaths, groupsDir, isJobId, jobPaths } from './layout.ts'
import { makeDoorbells } from './make-doorbell.ts'
import { readRecord } from './read-record.ts'
import { FORMAT, groupRecord } from './schema.ts'

export interface NewGroup {
  readonly id: string
  /** Draws the id of the job at this place: the one that was planned, and if that is taken another, which then is in the list. */
  readonly drawJob: (index: number) => () => string
  /** Puts a job's doorbell there. */
  readonly makeBell: (path: string) => void
  /** All of the group's jobs are there. */
  readonly complete: () => void
}

/**
 * @param turns jobs that may run from the start
 * @throws ErrnoException (ENOSPC, ...): then there is no such group
 */
export const createGroup = (spool: string, size: number, turns: number): NewGroup => {
  const id = drawGroupId(spool)
  const paths = groupPaths(spool, id)
  const jobs = drawJobIds(spool, size, id)
  const write = (): void => writeRecord(paths.record, `${JSON.stringify({ format: FORMAT, id, jobs })}\n`, null)
  try {
    mkdirSync(paths.turns, { mode: 0o700 })
    for (let turn = 1; turn <= turns; turn += 1) claimTurn(spool, id, turn)
    syncDirectory(paths.turns)
    write()
    syncDirectory(groupsDir(spool))
  } catch (error) {
    rmSync(paths.dir, { recursive: true, force: true })
    throw error
  }
  const bells = makeDoorbells(paths.doorbells, size)
  return {
    id,
    makeBell: bells.take,
    drawJob: (index) => {
      let tries = 0
      return () => {
        tries += 1
        if (tries > 1) {
          jobs[index] = drawId()
          write()
        }
        return jobs[index] as string
      }
    },
    complete: () => {
      bells.over()
      writeFileSync(paths.ready, '', { mode: 0o600 })
      syncDirectory(paths.dir)
    },
  }
}

const drawGroupId = (spool: string): string => {
  mkdirSync(groupsDir(spool), { recursive: true, mode: 0o700 })
  for (;;) {
    const id = drawId()
    if (existsSync(jobPaths(spool, id).dir)) continue
    try {
      mkdirSync(groupPaths(spool, id).dir, { mode: 0o700 })
      return id
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const drawJobIds = (spool: string, size: number, group: string): string[] => {
  const ids = new Set<string>()
  while (ids.size < size) {
    const id = drawId()
    if (id !== group && !existsSync(jobPaths(spool, id).dir)) ids.add(id)
  }
  return [...ids]
}

/** The ids of the group's jobs in their order, also of those that were removed; undefined: there is no such group. */
export const readGroup = (spool: string, id: string): readonly string[] | undefined => {
  if (!isJobId(id)) return undefined
  const read = readRecord(groupPaths(spool, id).record, groupRecord)
  return read.ok ? read.value.jobs.filter(isJobId) : undefined
}

/** Gives the turn of that number, once and for ever. @returns whether it was this call that gave it */
export const claimTurn = (spool: string, id: string, turn: number): boolean => {
  try {
    writeFileSync(`${groupPaths(spool, id).turns}/${turn}`, '', { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the groups of which no job is left. One that is being made has its first job soon, and is not ready. */
export const removeEmptyGroups = (spool: string): void => {
  if (!existsSync(groupsDir(spool))) return
  for (const id of readdirSync(groupsDir(spool)).filter(isJobId)) {
    const jobs = readGroup(spool, id) ?? []
    const isEmpty = jobs.every((job) => !existsSync(jobPaths(spool, job).dir))
    if (isEmpty && existsSync(groupPaths(spool, id).ready))
      rmSync(groupPaths(spool, id).dir, { recursive: true, force: true })
  }
}
