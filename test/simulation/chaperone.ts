// A chaperone as a process of the virtual machine: the real one's work, and the end that main.ts gives it.
import { serve } from '../../src/chaperone/serve.ts'
import { stage } from './stage.ts'

export const startChaperone = (dir: string): void => {
  const { machine } = stage()
  const { random } = machine
  const process = machine.spawn('chaperone')
  // Some die young: at the Nth system call.
  const { youngDeaths, powerCuts } = stage().dangers
  if (random.chance(youngDeaths)) process.callsLeft = random.int(random.pick([20, 80, 300]))
  else if (random.chance(powerCuts)) {
    process.callsLeft = random.int(random.pick([20, 80, 300]))
    process.fault = 'power'
  }
  machine.wake(process, random.between(5, 60), () => {
    const live = async (): Promise<void> => {
      await serve(dir, null)
      machine.kill(process)
    }
    live().catch((error: unknown) => machine.onFailure(process, error))
  })
}
