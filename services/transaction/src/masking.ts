import { cardDigits, cardPattern, isSealed } from 'kafka-restaurants-contracts'
import type { InputRecord, OutputRecord } from 'kafka-restaurants-kafka'

/** How what is said of an order is written, so that it shows no card number. */
export interface Masking {
  text: (text: string) => string
  json: (value: unknown) => string
  /** What of the order's headers is passed on; nothing of its own where the worker may pass on what it has. */
  headers: (of: InputRecord['headers']) => Pick<OutputRecord, 'headers'>
}

/** A sealed card stands nowhere else. A bare number may, in fields that we don't know and in the headers. */
export function maskingFor(card: string): Masking {
  if (isSealed(card)) return { text: text => text, json: value => JSON.stringify(value), headers: () => ({}) }
  const mask = masking(card)
  return {
    text: mask,
    json: value => JSON.stringify(value, maskedPart(mask)),
    headers: of => {
      const passedOn = Object.entries(of)
        .filter(([name]) => /^(traceparent|correlation_id)$/i.test(name))
        .map(([name, value]) => [name.toLowerCase(), mask(value)])
      return { headers: Object.fromEntries(passedOn) }
    },
  }
}

/** Masks a card number wherever it stands in a text, in any grouping, all but its last four digits. */
function masking(card: string): (text: string) => string {
  const digits = cardDigits(card)
  const anyGrouping = cardPattern(digits)
  return text => text.replace(anyGrouping, `************${digits.slice(-4)}`)
}

/** For JSON.stringify: masks strings and the names of fields; of a number it leaves the last four digits, a number still. */
const maskedPart = (mask: (text: string) => string) => (_name: string, part: unknown) => {
  if (typeof part === 'string') return mask(part)
  if (typeof part === 'number') return mask(String(part)) === String(part) ? part : Math.abs(part % 10_000)
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [mask(name), value]))
}
