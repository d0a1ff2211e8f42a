import { maskCardNumbers, maskMailAddresses } from 'kafka-restaurants-contracts'

/** What is nobody's to read, by the name of its field, in any spelling. */
const secret =
  /^(?:authorization|cookie|setcookie|password|secret|token|creditcard|card|cardnumber|cvc|email|phone|telephone|street|address)$/
const hidden = '[hidden]'
/** Ours alone, and hexadecimal: digits in them are no card's, though they may look like it. */
const ids = new Set(['trace_id', 'span_id'])
const deepest = 4

/** A text without card numbers and mail addresses, of which the last digits, and the first letter and the domain are left. */
export const redactedText = (text: string): string => maskMailAddresses(maskCardNumbers(text))

/** The fields of a line of the log, without what is secret by its name or its look. Errors are left to their serializer. */
export const redactedFields = (fields: object): Record<string, unknown> => objectOf(fields, 0)

function redacted(name: string, value: unknown, depth: number): unknown {
  if (ids.has(name) || value === undefined || value === null || value instanceof Error) return value
  if (secret.test(name.replace(/[^a-z]/gi, '').toLowerCase())) return hidden
  if (typeof value === 'string') return redactedText(value)
  if (typeof value === 'number') return redactedText(String(value)) === String(value) ? value : hidden
  if (typeof value !== 'object') return value
  if (depth === deepest) return hidden
  if (Array.isArray(value)) return value.map(each => redacted('', each, depth + 1))
  // Not what is asked for there.
  if (value instanceof URL) return redactedText(value.origin + value.pathname)
  return Object.getPrototypeOf(value) === Object.prototype
    ? objectOf(value, depth + 1)
    : redactedText(String(value))
}

const objectOf = (fields: object, depth: number) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [redactedText(name), redacted(name, value, depth)]),
  )
