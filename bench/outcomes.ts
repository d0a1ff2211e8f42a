import type { Charge, Outcome } from '../chaos/check.ts'
import { longestGapMs } from '../chaos/gap.ts'

/** An order that was written into its topic; `sentAt` in ms since the epoch. */
export interface SentOrder {
  orderId: string
  expected: Outcome['kind']
  sentAt: number
  /** Kafka has it for sure. */
  isWritten: boolean
}

/** Ids of orders by what is wrong with them; nothing where each has one outcome, and one charge that it tells of. */
export interface Faults {
  /** Written, and without an outcome or a charge. */
  lost: string[]
  /** With several outcomes or charges. */
  twice: string[]
  /** With another outcome than its card has, or one that is not what the ledger says; or never sent. */
  wrong: string[]
}

/** Holds what there is of orders against what was sent. */
export function faultsOf(sent: SentOrder[], outcomes: Outcome[], charges: Charge[]): Faults {
  const outcomesOf = Map.groupBy(outcomes, ({ orderId }) => orderId)
  const chargesOf = Map.groupBy(charges, ({ orderId }) => orderId)
  const faults: Faults = { lost: [], twice: [], wrong: [] }
  for (const { orderId, expected, isWritten } of sent) {
    const [outcome, ...more] = outcomesOf.get(orderId) ?? []
    const [charge, ...moreCharges] = chargesOf.get(orderId) ?? []
    if (isWritten && !(outcome && charge)) faults.lost.push(orderId)
    if (more.length > 0 || moreCharges.length > 0) faults.twice.push(orderId)
    const isRight = outcome?.kind === expected && charge !== undefined && tells(outcome, charge)
    if (outcome && !isRight) faults.wrong.push(orderId)
  }
  const known = new Set(sent.map(({ orderId }) => orderId))
  for (const orderId of new Set([...outcomesOf.keys(), ...chargesOf.keys()]))
    if (!known.has(orderId)) faults.wrong.push(orderId)
  return faults
}

const tells = (outcome: Outcome, charge: Charge) =>
  charge.outcome === 'accepted'
    ? outcome.kind === 'confirmed' && outcome.paymentId === charge.paymentId
    : outcome.kind === 'declined'

/** When a reader got a record, in ms since the epoch, and of which partition. */
export interface Seen {
  partition: number
  at: number
}

/** How long a reader got nothing at most: of all partitions, and of the one that stood still for longest; in ms. */
export interface Standstill {
  ofAll: number
  ofOne: number
}

/** @param window what is before or after it does not count, nor does a partition that never has anything */
export function standstill(seen: Seen[], [from, until]: readonly [number, number]): Standstill {
  const longest = (some: Seen[]) => {
    const times = some.map(({ at }) => at).filter(at => at < until)
    return longestGapMs(times, [from, until])
  }
  const partitions = [...Map.groupBy(seen, ({ partition }) => partition).values()]
  return { ofAll: longest(seen), ofOne: Math.max(longest(seen), ...partitions.map(longest)) }
}

interface LogLine {
  time: number
  level: number
  msg: string
  err?: { message: string }
  /** Why, where kafkajs says it. */
  reason?: string
}

/** What a process's log warns of from a time on, in ms since the epoch, with why, and how often. */
export function warningsSince(log: string, since: number): string[] {
  const warnings = log
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as LogLine)
    .filter(({ time, level }) => time >= since && level >= 40)
  const counted = Map.groupBy(warnings, ({ msg, err, reason = err?.message }) =>
    reason === undefined ? msg : `${msg}: ${reason}`,
  )
  return [...counted].map(([what, all]) => `${all.length} x ${what}`)
}
