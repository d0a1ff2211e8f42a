import type { DeadLetterRecord } from 'kafka-restaurants-contracts'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { type DeadLetters, describe, sourceOf } from 'kafka-restaurants-kafka/dead-letters'
import { redactedText } from 'kafka-restaurants-service'
import { hexDump, textOf } from '../text.ts'
import { redactedValue } from './redact.ts'

/** So much of it is shown: what is wrong with more than that, the command tells. */
const mostText = 20_000
/** What is longer is not looked through, as that would take too long, and its end is not shown anyway. */
const mostRead = 200_000
const mostBytes = 4_096
const mostHeaders = 100
const mostOfHeader = 2_000

type Found = Awaited<ReturnType<DeadLetters['find']>>

/** One record in full, as the staff may see it. @param group where it is listed */
export function shownRecord({ record, state }: Found, group: string | undefined): DeadLetterRecord {
  const letter = describe(record)
  const { id, at, attempts, redriven, masked, cut } = letter
  return {
    id,
    at,
    source: letter.source,
    attempts,
    redriven,
    isWhole: !masked && cut === '',
    topic: sourceOf(record.topic),
    group,
    state,
    reason: redactedText(letter.reason),
    worker: letter.group,
    cut,
    key: record.key && short(record.key),
    value: shownValue(record),
    headers: shownHeaders(record),
  }
}

function shownValue({ value, isTombstone }: InputRecord): DeadLetterRecord['value'] {
  if (isTombstone) return { kind: 'none', bytes: 0, shown: '', left: 0 }
  const bytes = value.length
  const text = textOf(value)
  if (text !== undefined) {
    const all = redactedValue(text.slice(0, mostRead))
    const left = all.length - mostText + Math.max(0, text.length - mostRead)
    return { kind: 'text', bytes, shown: all.slice(0, mostText), left: Math.max(0, left) }
  }
  const safe = redactedBytes(value.subarray(0, mostRead))
  const shown = hexDump(safe.subarray(0, mostBytes))
  return { kind: 'bytes', bytes, shown, left: Math.max(0, bytes - mostBytes) }
}

function shownHeaders({ rawHeaders }: InputRecord): DeadLetterRecord['headers'] {
  const all = Object.entries(rawHeaders).flatMap(([name, values]) =>
    values.map(value => ({ name: redactedText(name).slice(0, mostOfHeader), value: short(value) })),
  )
  const left = all.length - mostHeaders
  return left > 0 ? [...all.slice(0, mostHeaders), { name: '…', value: `+${left}` }] : all
}

function short(whole: Buffer): string {
  const value = whole.subarray(0, 4 * mostOfHeader)
  const text = textOf(value)
  const shown = text === undefined ? `0x${redactedBytes(value).toString('hex')}` : redactedText(text)
  return shown.length > mostOfHeader ? `${shown.slice(0, mostOfHeader)}…` : shown
}

/** latin1 maps every byte to one character and back. What is hidden is one that it has. */
const redactedBytes = (value: Buffer) =>
  Buffer.from(redactedText(value.toString('latin1')).replaceAll('…', '*'), 'latin1')
