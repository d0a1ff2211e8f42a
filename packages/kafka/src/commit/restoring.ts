import type { Logger } from 'kafka-restaurants-service'
import type { Lane } from '../consume/lane.ts'
import { type Failure, failureOf } from './failure.ts'
import { wait } from './turns.ts'

/**
 * Gives lanes their state, while others go on. A restored lane begins with the take-over that `lookAgain` asks for.
 * @param restore restores lanes
 * @param lookAgain asks again where the lanes are
 */
export function createRestoring(
  restore: (lanes: Lane[]) => Promise<void>,
  lookAgain: () => void,
  log: Logger,
): { run: (lanes: Lane[]) => Promise<void>; failure: () => Failure | undefined } {
  let isRunning = false
  let failure: Failure | undefined
  return {
    run: async lanes => {
      const bare = lanes.filter(lane => !lane.isRestored())
      if (isRunning || bare.length === 0) return
      isRunning = true
      try {
        await restore(bare)
        failure = undefined
      } catch (error) {
        failure = failureOf(error, (failure?.attempt ?? 0) + 1)
        const { attempt, retryAt } = failure
        log.warn({ attempt, err: error }, 'a state can not be read now, and it is tried again')
        await wait(retryAt - performance.now())
      }
      isRunning = false
      lookAgain()
    },
    failure: () => failure,
  }
}
