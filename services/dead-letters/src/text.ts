import { maskCardNumbers } from 'kafka-restaurants-contracts'
import type { DeadLetter, DeadLetters, Settled } from 'kafka-restaurants-kafka/dead-letters'

type Found = Awaited<ReturnType<DeadLetters['find']>>

const mostText = 4_000
const mostHex = 512

/** Dead letters as a table, with how many there are of each reason below it. */
export function listText(letters: DeadLetter[], state: 'open' | 'parked'): string {
  if (letters.length === 0) return `No dead letter is ${state}.`
  const rows = letters.map(letter => [
    letter.id,
    letter.at,
    letter.source,
    String(letter.attempts),
    String(letter.redriven),
    letter.masked ? 'yes' : 'no',
    letter.reason,
  ])
  const head = ['id', 'since', 'from', 'tries', 'redriven', 'masked', 'reason']
  const reasons = Map.groupBy(letters, ({ reason }) => reason)
  const counts = [...reasons]
    .map(([reason, { length }]) => ({ reason, length }))
    .toSorted((a, b) => b.length - a.length)
  return [
    ...table([head, ...rows]),
    '',
    `${letters.length} ${state}:`,
    ...counts.map(
      ({ reason, length }) => `${String(length).padStart(7)}  ${oneLine(reason) || '(no reason)'}`,
    ),
  ].join('\n')
}

/** All of a dead letter: where it stands, headers, key and value. */
export function showText(id: string, { record, state }: Found): string {
  const headers = Object.entries(record.rawHeaders).flatMap(([name, values]) =>
    values.map(each => `  ${oneLine(name)}: ${inline(each)}`),
  )
  const stands = { open: 'open', done: 'redriven or parked before', parked: 'parked' }[state]
  const value = record.isTombstone
    ? ['value: none (a tombstone)']
    : [`value, ${bytes(record.value)}:`, block(record.value)]
  return [
    `${id}: ${stands}`,
    'headers:',
    ...headers,
    `key: ${record.key ? inline(record.key) : 'none'}`,
    ...value,
  ].join('\n')
}

/** Which were refused, by why. */
export function refusedText(refused: Settled['refused']): string {
  const lines = [...Map.groupBy(refused, ({ why }) => why)].flatMap(([why, same]) => {
    const [first, ...more] = same.map(({ id }) => id)
    if (more.length === 0) return `${first} is left as it is: ${why}.`
    return [`${same.length} are left as they are: ${why}.`, ...same.map(({ id }) => `  ${id}`)]
  })
  return lines.join('\n')
}

/** The bytes of a value as they are stored. What a service set aside holds no card number any more; others' may. */
export const rawValue = ({ record }: Found): Buffer =>
  record.headers.dead_letter_masked ? record.value : masked(record.value)

/** latin1 maps every byte to one character and back, so that bytes which are no text stay as they are. */
const masked = (value: Buffer) => Buffer.from(maskCardNumbers(value.toString('latin1')), 'latin1')

const bytes = (value: Buffer) => `${value.length} ${value.length === 1 ? 'byte' : 'bytes'}`

/** In one line; bytes that are no text in hexadecimal. */
function inline(value: Buffer): string {
  const text = textOf(masked(value))
  return text === undefined ? `0x${masked(value).toString('hex')}` : oneLine(text)
}

/** As text where it is that, else as a hex dump; the end of a long one is left out. */
function block(value: Buffer): string {
  const text = textOf(masked(value))
  if (text === undefined)
    return withNote(hexDump(masked(value).subarray(0, mostHex)), value.length - mostHex, 'bytes')
  return withNote(text.slice(0, mostText), text.length - mostText, 'characters')
}

const withNote = (shown: string, left: number, of: string) =>
  left > 0 ? `${shown}\n… and ${left} ${of} more; --raw writes all.` : shown

/** Text that can be shown; undefined where bytes are no UTF-8, or steer a terminal. */
export function textOf(value: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
    return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

const oneLine = (text: string) =>
  text.replace(/\p{Cc}/gu, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** 16 bytes a line: offset, hexadecimal, ASCII. */
export function hexDump(value: Buffer): string {
  const lines = Array.from({ length: Math.ceil(value.length / 16) }, (_, line) => {
    const row = value.subarray(line * 16, line * 16 + 16)
    const hex = row.toString('hex').replace(/..(?!$)/g, '$& ')
    const ascii = row.toString('latin1').replace(/[^ -~]/g, '.')
    return `${(line * 16).toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${ascii}`
  })
  return lines.join('\n')
}

function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row =>
    row
      .map((cell, column) => oneLine(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
