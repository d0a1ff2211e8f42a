import { randomFrom, shuffled } from './random.ts'

/** Every fault, and between how many and how many seconds it lasts; 0 where it is over as soon as the process is back. */
const faults = {
  'search-order-kill': [0, 0],
  'search-order-term': [0, 0],
  'transaction-kill': [0, 0],
  'transaction-term': [0, 0],
  'email-kill': [0, 0],
  'email-term': [0, 0],
  'tracking-kill': [0, 0],
  'tracking-term': [0, 0],
  'tracking-frozen': [12, 15],
  'database-kill': [2, 6],
  'command-queue-kill': [0, 0],
  'command-queue-term': [0, 0],
  'command-queue-frozen': [12, 15],
  'command-queue-replica-frozen': [12, 15],
  'gateway-kill': [0, 0],
  'gateway-term': [0, 0],
  // Longer than its consumers' session.
  'gateway-frozen': [12, 15],
  'kitchen-kill': [0, 0],
  'kitchen-term': [0, 0],
  // Longer than the calls to the command queue may take.
  'kitchen-frozen': [6, 10],
  'kitchen-eventor-kill': [0, 0],
  'kitchen-eventor-term': [0, 0],
  'kitchen-eventor-frozen': [12, 15],
  'bank-kill': [0, 0],
  'bank-term': [0, 0],
  'broker-kill': [0, 0],
  'broker-term': [0, 0],
  // Longer than a broker's session, so that others lead what it led, and it goes on as one that knows nothing of that.
  'broker-frozen': [5, 10],
  'leaders-moved': [0, 0],
  'coordinators-moved': [0, 0],
  'replica-term': [3, 8],
  'replica-kill': [3, 8],
  'replica-frozen': [12, 15],
  'bank-slow': [2, 6],
  'bank-away': [2, 6],
  'bank-failing': [2, 6],
  'bank-lost-answer': [2, 6],
  'smtp-away': [2, 6],
  'smtp-refuses': [3, 8],
  'smtp-541': [3, 8],
  'compressed-records': [2, 5],
  'records-of-many-headers': [2, 5],
  'records-of-the-largest-size': [2, 5],
} as const satisfies Record<string, readonly [number, number]>

export type FaultName = keyof typeof faults
export const isFault = (word: string): word is FaultName => Object.hasOwn(faults, word)

/** What one broker alone can't have. */
const ofSeveralBrokers: readonly FaultName[] = ['leaders-moved', 'coordinators-moved']
const ofBrokers: readonly FaultName[] = ['broker-kill', 'broker-term', 'broker-frozen', ...ofSeveralBrokers]

/**
 * The faults that a platform with so many brokers can have.
 * @param hasDatabase whether tracking has a database of its own to lose
 */
export const faultNames = (brokers: number, hasDatabase = true): FaultName[] =>
  (Object.keys(faults) as FaultName[]).filter(
    name => (brokers > 1 || !ofSeveralBrokers.includes(name)) && (hasDatabase || name !== 'database-kill'),
  )

/** A fault with its time: when it begins, in ms after the first order, and how long it lasts. */
export interface PlannedFault {
  fault: FaultName
  atMs: number
  lastsMs: number
  /** Which of several it hits (brokers, topics): how far into their list, from 0 (included) to 1 (excluded). */
  which: number
}

const firstAtMs = 4_000
const lastBeforeEndMs = 4_000
const everyMs = 2_600

/**
 * Plans a run: a fault every two to three seconds, each of them once before any comes again. The same seed, minutes and
 * choice give the same plan. A run of two minutes or more has every fault.
 * @param only the faults to choose from
 */
export function makePlan(seed: number, minutes: number, only: readonly FaultName[]): PlannedFault[] {
  const random = randomFrom(seed)
  const roomMs = minutes * 60_000 - firstAtMs - lastBeforeEndMs
  const count = Math.max(1, Math.floor(roomMs / everyMs))
  const shift = random()
  const decks = Array.from({ length: Math.ceil(count / only.length) }, () => dealt(random, only, shift))
  return decks
    .flat()
    .slice(0, count)
    .map((fault, index) => {
      const [least, most] = faults[fault]
      return {
        fault,
        atMs: Math.round(firstAtMs + (index + random() * 0.8) * everyMs),
        lastsMs: Math.round((least + random() * (most - least)) * 1_000),
        which: random(),
      }
    })
}

/**
 * Each fault once, in random order, but those of brokers evenly spread: one of them waits until the last is healed, which
 * takes long, and all are to happen while orders come in.
 */
function dealt(random: () => number, only: readonly FaultName[], shift: number): FaultName[] {
  const brokers = shuffled(
    random,
    only.filter(fault => ofBrokers.includes(fault)),
  )
  const others = shuffled(
    random,
    only.filter(fault => !ofBrokers.includes(fault)),
  )
  const spacing = only.length / brokers.length
  const places = new Map(brokers.map((fault, index) => [Math.floor((index + shift) * spacing), fault]))
  return only.flatMap((_, place) => places.get(place) ?? others.pop() ?? [])
}
