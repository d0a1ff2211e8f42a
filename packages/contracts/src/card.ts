import { z } from 'zod'

/** Header (base64url of `{"…`), no encrypted key, 96 bits of IV, ciphertext, 128 bits of tag. */
const compactJwe = /^eyJ[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/

/**
 * Whether a string looks like a sealed card: a compact JWE (RFC 7516) of `ECDH-ES` and `A128GCM`. Only the bank can
 * tell if it is one; a bare number dressed up as a JWE is none.
 */
export const isSealed = (value: string) => compactJwe.test(value) && maskCardNumbers(value) === value

/** The digits of a card number as people type it, with spaces or hyphens between them. */
export const cardDigits = (value: string) => value.replace(/[ -]/g, '')

/** Whether digits end in the right check digit (ISO/IEC 7812-1 annex B, "Luhn"). */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let fromRight = 0; fromRight < digits.length; fromRight++) {
    const digit = Number(digits[digits.length - 1 - fromRight])
    const doubled = fromRight % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return digits.length > 0 && sum % 10 === 0
}

/** Whether a string is a card number: 13 to 19 digits (spaces and hyphens aside) with a right check digit. */
export function isCardNumber(value: string): boolean {
  const digits = cardDigits(value)
  return /^\d{13,19}$/.test(digits) && passesLuhn(digits)
}

/**
 * Masks every card number in a text (13 to 19 digits, perhaps grouped by single spaces or hyphens, that pass the
 * Luhn check), all but the last four digits. Looks within longer runs of digits, too, and so may mask digits that only
 * look like a card number, but never leaves one. UUIDs (RFC 9562) and trace contexts (W3C) are none, though one in some
 * hundred has such digits in it. Returns the text itself where there is none.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(idOrRun, (run, id) => id ?? maskRun(run))
}

const uuid = /\b(?=[\d-]*[a-f])[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}\b/
const traceContext = /\b00-(?=\d*[a-f])[\da-f]{32}-[\da-f]{16}-[\da-f]{2}\b/
const idOrRun = new RegExp(`(${uuid.source}|${traceContext.source})|\\d(?:[ -]?\\d){12,}`, 'g')

/** A card number may hide within a longer run of digits, so every window of 19 down to 13 digits is looked at. */
function maskRun(run: string): string {
  const at = [...run.matchAll(/\d/g)].map(match => match.index)
  const digits = at.map(index => run[index]).join('')
  const masked = [...run]
  for (let start = 0; start + 13 <= digits.length; start++) {
    for (let length = Math.min(19, digits.length - start); length >= 13; length--) {
      if (passesLuhn(digits.slice(start, start + length))) {
        for (const index of at.slice(start, start + length - 4)) masked[index] = '*'
        start += length - 1
        break
      }
    }
  }
  return masked.join('')
}

/** A card number that came as a JSON number, as text; anything else as it is, and so a number too long to keep its digits. */
export const numberAsText = (value: unknown) =>
  Number.isSafeInteger(value) && /^\d{13,}$/.test(String(value)) ? String(value) : value

/** A card as orders carry it: sealed for the bank, or (the first generation, curl) the bare number. */
export const Card = z
  .string()
  .max(4096)
  .refine(value => isSealed(value) || /^\d{13,19}$/.test(cardDigits(value)), {
    message: 'must be a card number of 13 to 19 digits, or one sealed with the key from /payment-key',
  })
  .refine(value => isSealed(value) || passesLuhn(cardDigits(value)), {
    message: 'is no card number: its check digit is wrong',
  })
