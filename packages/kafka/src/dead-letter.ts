import { deadLetterTopic, maskCardNumbers } from 'kafka-restaurants-contracts'
import type { InputRecord, OutputRecord } from './record.ts'

/**
 * Makes the dead letter of a record: its bytes as they came, with where from, why, when and how often tried in the
 * headers. Card numbers in key or value are masked, and `dead_letter_masked` says so.
 */
export function deadLetter(
  record: InputRecord,
  why: { reason: string; group: string; attempts: number; at: Date },
): OutputRecord {
  const key = record.key && masked(record.key)
  const value = masked(record.value)
  return {
    topic: deadLetterTopic(record.topic),
    key,
    value,
    headers: {
      ...record.headers,
      dead_letter_reason: why.reason,
      dead_letter_topic: record.topic,
      dead_letter_partition: String(record.partition),
      dead_letter_offset: record.offset,
      dead_letter_group: why.group,
      dead_letter_attempts: String(why.attempts),
      dead_letter_at: why.at.toISOString(),
      ...(value !== record.value || key !== record.key ? { dead_letter_masked: 'card-number' } : {}),
    },
  }
}

/** latin1 maps every byte to one character and back, so that bytes which are no text stay as they are. */
function masked(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  const safe = maskCardNumbers(text)
  return safe === text ? bytes : Buffer.from(safe, 'latin1')
}
