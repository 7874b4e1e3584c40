// The world that is being played. The platform's modules (node:fs and its like) have no other way to know it.
import type { Machine } from './machine.ts'
import type { World } from './world.ts'

let world: World | undefined

export const setStage = (next: World): void => {
  world = next
}

export const stage = (): World => {
  if (world === undefined) throw new Error('no world is being played')
  return world
}

export const here = (): Machine => stage().machine
