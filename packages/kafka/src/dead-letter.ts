import { deadLetterTopic, maskCardNumbers } from 'kafka-restaurants-contracts'
import type { InputRecord, OutputRecord, UnreadableRecordError } from './record.ts'

/** A reason is a header, and counts to the size of its record. */
const longestReason = 4_000

/**
 * Makes the dead letter of a record: its bytes as they came, with where from, why, when and how often tried in the
 * headers. Card numbers in key, value or headers are masked, and `dead_letter_masked` says so; not with `maskCards: false`,
 * for records that have none, but other numbers that look like one.
 */
export function deadLetter(
  record: InputRecord,
  why: {
    error: UnreadableRecordError
    group: string
    attempts: number
    at: Date
    maskCards?: boolean | undefined
  },
): OutputRecord {
  const withoutCards = why.maskCards === false ? (text: string) => text : maskCardNumbers
  let hidCard = false
  /** latin1 maps every byte to one character and back, so that bytes which are no text stay as they are. */
  const masked = (bytes: Buffer) => {
    const text = bytes.toString('latin1')
    const safe = withoutCards(text)
    if (safe === text) return bytes
    hidCard = true
    return Buffer.from(safe, 'latin1')
  }
  const key = record.key && masked(record.key)
  const value = record.isTombstone ? null : masked(record.value)
  const headers = Object.fromEntries(
    Object.entries(record.rawHeaders).map(([name, values]) => [withoutCards(name), values.map(masked)]),
  )
  return {
    topic: deadLetterTopic(record.topic),
    key,
    value,
    headers: {
      ...headers,
      ...why.error.headers,
      dead_letter_reason: withoutCards(why.error.message).slice(0, longestReason),
      dead_letter_topic: record.topic,
      dead_letter_partition: String(record.partition),
      dead_letter_offset: record.offset,
      dead_letter_group: why.group,
      dead_letter_attempts: String(why.attempts),
      dead_letter_at: why.at.toISOString(),
      ...(hidCard ? { dead_letter_masked: 'card-number' } : {}),
    },
  }
}

export const isDeadLetter = ({ headers = {} }: OutputRecord): boolean => 'dead_letter_reason' in headers
