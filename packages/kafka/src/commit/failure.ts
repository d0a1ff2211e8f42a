import { backoffMs } from 'kafka-restaurants-delivery'
import { hasCause } from '../client.ts'
import { UnwritableError } from '../producer.ts'

/** Why something could not be done when it was tried last, and when it is tried again: on the clock of `performance.now()`. */
export interface Failure {
  attempt: number
  reason: string
  retryAt: number
  /** Whether the group has given this member up, or the partitions are being dealt out anew. */
  isReplaced: boolean
}

export const failureOf = (error: unknown, attempt: number): Failure => ({
  attempt,
  reason: error instanceof Error ? error.message : String(error),
  retryAt: performance.now() + backoffMs(attempt),
  isReplaced: isReplaced(error),
})

const replaced = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'REBALANCE_IN_PROGRESS',
])

export const isReplaced = (error: unknown) => hasCause(error, ({ type }) => replaced.has(String(type)))

/** What Kafka says of some outputs or of one commit, and not of itself. */
const ofItsOwn = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
  'OFFSET_METADATA_TOO_LARGE',
])
export const isOfItsOwn = (error: unknown) =>
  hasCause(error, each => ofItsOwn.has(String(each.type)) || each instanceof UnwritableError)
