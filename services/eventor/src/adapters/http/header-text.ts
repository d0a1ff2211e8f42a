import { isUtf8 } from 'node:buffer'
import { validateHeaderValue } from 'node:http'

/**
 * A header's value as Node's HTTP writes it: a character for each byte of its UTF-8, as HTTP knows bytes alone (RFC 9110,
 * 5.5).
 */
export const toHttp = (text: string): string => Buffer.from(text).toString('latin1')

/**
 * A header's value as it was meant: UTF-8, or, where it is none, ISO 8859-1, as older servers have it; without the blanks
 * around it, which are not part of it.
 */
export function fromHttp(value: string): string {
  const own = value.replace(/^[\t ]+|[\t ]+$/g, '')
  const bytes = Buffer.from(own, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : own
}

/** Whether HTTP can hold a header's value. It has no place for line breaks and other control characters. */
export function fitsIntoHttp(text: string): boolean {
  try {
    validateHeaderValue('any', toHttp(text))
    return true
  } catch {
    return false
  }
}

/** The same value with a blank for each character that HTTP can't hold, as RFC 9110, 5.5 has it. */
export const fittedIntoHttp = (text: string): string =>
  fitsIntoHttp(text) ? text : text.replace(/\p{Cc}/gu, ' ').trim()
