import { createContext } from 'kafka-restaurants-service'
import { type StateFormat, statefulWorker, type Worker } from '../src/index.ts'

/** What a worker counts: the records of each key of `inputs`, up to five and then from one again. */
export interface Counting {
  brokers: string
  group: string
  instance?: string
  inputs: string[]
  changelog: string
  output: string
  /** How long it has each record in hand, in ms. */
  handleMs?: number
  stallMs?: number
}

const asText: StateFormat<number> = {
  changes: (_before, after) => new Map([['', after === undefined ? null : String(after)]]),
  restore: parts => Number(parts.get('')),
}

/** @param onCounted told of each record that was handled, be it committed or not */
export const counter = (
  { brokers, output, changelog, handleMs, ...options }: Counting,
  onCounted: () => void = () => {},
): Worker => {
  const { log, metrics } = createContext('counter', 'silent')
  return statefulWorker<number>({
    ...options,
    changelog: { topic: changelog, format: asText },
    kafka: { brokers, clientId: 'counter', log },
    consumer: { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 6_000, heartbeatMs: 500, maxWaitMs: 50 },
    metrics,
    handle: async ({ key, value }, _attempt, _release, state) => {
      const number = (state.get() ?? 0) + 1
      state.set(number === 5 ? null : number)
      if (handleMs) await new Promise(resolve => setTimeout(resolve, handleMs))
      onCounted()
      return [{ topic: output, key, value: `${value} ${number}` }]
    },
  })
}
