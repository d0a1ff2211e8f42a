import { randomFrom, shuffled } from './random.ts'

/** Every fault, and between how many and how many seconds it lasts; 0 where it is over as soon as the process is back. */
const faults = {
  'search-order-kill': [0, 0],
  'search-order-term': [0, 0],
  'transaction-kill': [0, 0],
  'transaction-term': [0, 0],
  'email-kill': [0, 0],
  'email-term': [0, 0],
  'bank-kill': [0, 0],
  'bank-term': [0, 0],
  'broker-kill': [0, 0],
  'replica-term': [3, 8],
  'replica-kill': [3, 8],
  'replica-frozen': [12, 15],
  'bank-slow': [2, 6],
  'bank-away': [2, 6],
  'bank-failing': [2, 6],
  'bank-lost-answer': [2, 6],
  'smtp-away': [2, 6],
  'smtp-refuses': [3, 8],
} as const satisfies Record<string, readonly [number, number]>

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as FaultName[]
export const isFault = (word: string): word is FaultName => Object.hasOwn(faults, word)

/** A fault with its time: when it begins, in ms after the first order, and how long it lasts. */
export interface PlannedFault {
  fault: FaultName
  atMs: number
  lastsMs: number
}

const firstAtMs = 4_000
const lastBeforeEndMs = 4_000
const everyMs = 5_000

/**
 * Plans a run: a fault about every five seconds, each of them once before any comes again. The same seed, minutes and
 * choice give the same plan. A run of two minutes or more has every fault.
 * @param only the faults to choose from
 */
export function makePlan(
  seed: number,
  minutes: number,
  only: readonly FaultName[] = faultNames,
): PlannedFault[] {
  const random = randomFrom(seed)
  const roomMs = minutes * 60_000 - firstAtMs - lastBeforeEndMs
  const count = Math.max(1, Math.floor(roomMs / everyMs))
  const decks = Array.from({ length: Math.ceil(count / only.length) }, () => shuffled(random, only))
  return decks
    .flat()
    .slice(0, count)
    .map((fault, index) => {
      const [least, most] = faults[fault]
      return {
        fault,
        atMs: Math.round(firstAtMs + (index + random() * 0.8) * everyMs),
        lastsMs: Math.round((least + random() * (most - least)) * 1_000),
      }
    })
}
