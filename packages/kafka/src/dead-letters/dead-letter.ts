import { deadLetterTopic, maskCardNumbers } from 'kafka-restaurants-contracts'
import type { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { IHeaders } from 'kafkajs'
import { sizeOf } from '../producer.ts'
import type { InputRecord, OutputRecord } from '../record.ts'

/** A reason is a header, and counts to the size of its record. */
const longestReason = 4_000

interface Why {
  error: UnreadableRecordError
  group: string
  attempts: number
  at: Date
  /** `<topic>.dead-letters` unless given. */
  topic?: string | undefined
  maskCards?: boolean | undefined
}

type Contents = Pick<OutputRecord, 'key' | 'value'> & { headers: IHeaders; hidCard: boolean; cut?: string }

/** All that were made here, each with the whole one that it was cut from, and the headers that were not the record's. */
const letters = new WeakMap<OutputRecord, { whole: OutputRecord; own: IHeaders }>()

/** Whether a record was made by `deadLetter`, whatever its headers say. */
export const isDeadLetter = (output: OutputRecord): boolean => letters.has(output)

function letterOf(output: OutputRecord, own: IHeaders, whole = output): OutputRecord {
  letters.set(output, { whole, own })
  return output
}

/** What is set aside: a record, or an event of another broker. */
type Source = Omit<InputRecord, 'timestamp'>

/**
 * Makes the dead letter of a record: its bytes as they came, with where from, why, when and how often tried in the
 * headers. Card numbers in key, value or headers are masked, and `dead_letter_masked` says so; not with `maskCards: false`,
 * for records that have none, but other numbers that look like one. `dead_letter_cut` says what is not in it. Never
 * throws: a record that can't be set aside would be tried again for ever.
 */
export function deadLetter(record: Source, why: Why): OutputRecord {
  const withoutCards = why.maskCards === false ? (text: string) => text : maskCardNumbers
  const { key, value, headers, hidCard, cut } = contentsOf(record, withoutCards)
  const own = {
    ...why.error.headers,
    dead_letter_reason: withoutCards(why.error.message.slice(0, 2 * longestReason)).slice(0, longestReason),
    dead_letter_topic: record.topic,
    dead_letter_partition: String(record.partition),
    dead_letter_offset: record.offset,
    dead_letter_group: why.group,
    dead_letter_attempts: String(why.attempts),
    dead_letter_at: why.at.toISOString(),
    ...(hidCard ? { dead_letter_masked: 'card-number' } : {}),
    ...(cut ? { dead_letter_cut: cut } : {}),
  }
  const topic = why.topic ?? deadLetterTopic(record.topic)
  return letterOf({ topic, key, value, headers: { ...headers, ...own } }, own)
}

function contentsOf(record: Source, withoutCards: (text: string) => string): Contents {
  const nothing = { key: null, value: null, headers: {}, hidCard: false }
  const { undecodable } = record
  // What is compressed can't be searched for card numbers; where none are looked for, nothing is kept back.
  if (undecodable?.what === 'batch') {
    return withoutCards === maskCardNumbers
      ? { ...nothing, cut: 'all of its batch, as card numbers in that can not be masked' }
      : { ...nothing, value: record.value, cut: 'nothing, but it is a whole batch, as Kafka keeps it' }
  }
  try {
    return {
      ...maskedContents(record, withoutCards),
      ...(undecodable && { cut: `all of its headers, as ${undecodable.reason}` }),
    }
  } catch {
    return { ...nothing, cut: 'all of it, as it could not be masked' }
  }
}

function maskedContents(record: Source, withoutCards: (text: string) => string): Contents {
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
  return { key, value, headers, hidCard }
}

/** The first is what topics take that have Kafka's own settings; the last has hardly more in it than where it came from. */
const cutSizes = [900_000, 90_000, 9_000, 900]
const longestNote = 200

/**
 * A dead letter that its topic has refused as too large, cut to the next size: its value, and what else takes too much
 * room, which may be its key, its reason and the headers that the record came with.
 * @returns undefined where nothing is left to cut
 */
export function cutLetter(letter: OutputRecord): OutputRecord | undefined {
  const size = sizeOf(letter)
  return cutSizes
    .filter(most => most < size)
    .map(most => cutTo(most, letters.get(letter) ?? { whole: letter, own: {} }))
    .find(shorter => sizeOf(shorter) < size)
}

function cutTo(most: number, { whole, own }: { whole: OutputRecord; own: IHeaders }): OutputRecord {
  const share = Math.floor(most / 6)
  const came = Object.entries(whole.headers ?? {}).filter(([name]) => !(name in own))
  const keepsHeaders = sizeOf({ key: null, value: null, headers: Object.fromEntries(came) }) <= share
  const key = begin(whole.key, share)
  const headers = {
    ...(keepsHeaders ? Object.fromEntries(came) : {}),
    ...own,
    dead_letter_reason: String(begin(String(own.dead_letter_reason), share)),
  }
  const room = most - sizeOf({ key, value: null, headers }) - longestNote
  const value = begin(whole.value, Math.max(0, room))
  const cut = [
    String(own.dead_letter_cut ?? ''),
    ...(keepsHeaders ? [] : [`its ${came.length} headers`]),
    whatIsCut('value', whole.value, value),
    whatIsCut('key', whole.key, key),
  ]
  const note = cut.filter(part => part !== '').join('; ')
  const shorter = {
    ...whole,
    key,
    value,
    headers: { ...headers, dead_letter_cut: note.slice(0, longestNote) },
  }
  return letterOf(shorter, own, whole)
}

const begin = (bytes: string | Buffer | null, most: number) =>
  bytes === null ? null : Buffer.from(bytes).subarray(0, most)

function whatIsCut(name: string, whole: string | Buffer | null, kept: Buffer | null): string {
  const length = Buffer.byteLength(whole ?? '')
  return kept && kept.length < length
    ? `all but the first ${kept.length} of the ${length} bytes of its ${name}`
    : ''
}
