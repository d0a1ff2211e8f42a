/** Header (base64url of `{"…`), no encrypted key, 96 bits of IV, ciphertext, 128 bits of tag. */
const compactJwe = /^eyJ[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/

/**
 * Whether a string looks like a sealed card: a compact JWE (RFC 7516) of `ECDH-ES` and `A128GCM`. Only the bank can
 * tell if it is one; a bare number dressed up as a JWE is none.
 */
export const isSealed = (value: string) => compactJwe.test(value) && maskCardNumbers(value) === value

/** What people put between the digits of a card number: any blanks within a line, any hyphens and dashes. */
const separators = '\\t \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\u2010-\\u2015\\u2212-'
const eachSeparator = new RegExp(`[${separators}]`, 'g')
/** The same, as UTF-8 looks when its bytes are read as latin1, and escaped as JSON may have it. */
const separator = new RegExp(
  `[${separators}]|\\u00c2\\u00a0|\\u00e1\\u009a\\u0080|\\u00e2\\u0080[\\u0080-\\u008a\\u0090-\\u0095\\u00af]` +
    '|\\u00e2\\u0081\\u009f|\\u00e2\\u0088\\u0092|\\u00e3\\u0080\\u0080' +
    '|\\\\t|\\\\u(?:00(?:20|2d|a0|09)|1680|20(?:0[\\da]|1[0-5]|2f|5f)|2212|3000)',
  'iy',
)

/** The digits of a card number as people type it, with blanks or hyphens between them. */
export const cardDigits = (value: string) => value.replace(eachSeparator, '')

/** Finds a card's digits in a text, with any blanks or hyphens between them. */
export const cardPattern = (digits: string) => new RegExp([...digits].join(`[${separators}]*`), 'g')

/** Whether digits end in the right check digit (ISO/IEC 7812-1 annex B, "Luhn"). */
function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let fromRight = 0; fromRight < digits.length; fromRight++) {
    const digit = Number(digits[digits.length - 1 - fromRight])
    sum += fromRight % 2 === 1 ? doubled(digit) : digit
  }
  return sum % 10 === 0
}

const doubled = (digit: number) => (digit > 4 ? digit * 2 - 9 : digit * 2)

/** Whether a string has as many digits as a card number, blanks and hyphens aside. */
export const hasCardLength = (value: string) => /^\d{13,19}$/.test(cardDigits(value))

/**
 * Whether a string is a card number: 13 to 19 digits (blanks and hyphens aside) with a right check digit, that begin as
 * some issuer's do.
 */
export function isCardNumber(value: string): boolean {
  const digits = cardDigits(value)
  return hasCardLength(digits) && canBegin(Number(digits[0]), digits.length) && passesLuhn(digits)
}

/**
 * Whether a card's number can begin with a digit (ISO/IEC 7812-1). None begins with 0: nothing but zeros would be one. Those
 * with 1 are the airlines' and have 15 digits; otherwise every tenth time in ms since the epoch would be one, and those are
 * in many records.
 */
const canBegin = (digit: number | undefined, length: number) => digit !== 0 && (digit !== 1 || length === 15)

const uuid =
  /\b(?=[\da-f]{8}-)(?=[\d-]{0,35}[a-f])[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}\b/
const traceContext = /\b00-(?=\d{0,31}[a-f])[\da-f]{32}-[\da-f]{16}-[\da-f]{2}\b/
const ids = new RegExp(`${uuid.source}|${traceContext.source}`, 'g')

const zero = 48
const nine = 57
const star = 42
const blank = 32
const hyphen = 45
const fewestDigits = 13
const mostDigits = 19
/** Of so many digits what is needed is kept: one less than a power of two, and as many as a card number has. */
const last = 31

/**
 * Masks every card number in a text, all but its last four digits: whatever `isCardNumber` takes, wherever it stands,
 * also within a longer run of digits, also in UTF-8 that was read as latin1. So it may mask digits that only look like a
 * card number, but never leaves one. UUIDs (RFC 9562) and trace contexts (W3C) are none, though one in some hundred has
 * such digits in it. Returns the text itself where there is none. Its time grows with the text alone, and it never throws.
 */
export function maskCardNumbers(text: string): string {
  const idsLeft = text.matchAll(ids)
  let id = idsLeft.next().value
  let idAt = id?.index ?? text.length
  let masked: Uint16Array | undefined
  // Of the run of digits at hand, by digit: what and where the last ones are, and the check sum, modulo 10, of all before,
  // with the even or the odd ones doubled.
  const digits = new Uint8Array(last + 1)
  const places = new Uint32Array(last + 1)
  const even = new Uint8Array(last + 1)
  const odd = new Uint8Array(last + 1)
  let [count, evenSum, oddSum] = [0, 0, 0]
  // One loop with numbers in it alone: records of many megabytes go through it while all else waits.
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (at >= idAt) {
      at = Math.max(at, idAt + (id?.[0].length ?? 0))
      id = idsLeft.next().value
      idAt = id?.index ?? text.length
      count = evenSum = oddSum = 0
      continue
    }
    if (code < zero || code > nine) {
      const separator = count === 0 ? 0 : separatorAt(text, at)
      if (separator === 0) count = evenSum = oddSum = 0
      at += separator || 1
      continue
    }
    const digit = code - zero
    const slot = count & last
    digits[slot] = digit
    places[slot] = at
    even[slot] = evenSum
    odd[slot] = oddSum
    evenSum = (evenSum + (count % 2 === 0 ? doubled(digit) : digit)) % 10
    oddSum = (oddSum + (count % 2 === 0 ? digit : doubled(digit))) % 10
    count += 1
    at += 1
    // A card number that ends here begins where the sum of all before is the same.
    const before = count % 2 === 0 ? even : odd
    const sum = count % 2 === 0 ? evenSum : oddSum
    let length = Math.min(mostDigits, count)
    while (length >= fewestDigits) {
      const first = (count - length) & last
      if (before[first] === sum && canBegin(digits[first], length)) break
      length -= 1
    }
    if (length < fewestDigits) continue
    masked ??= unitsOf(text)
    for (let back = length; back > 4; back--) masked[places[(count - back) & last] ?? 0] = star
  }
  return masked ? textOf(masked) : text
}

/** The length of the separator at a place; 0 where there is none. */
function separatorAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === blank || code === hyphen) return 1
  separator.lastIndex = at
  return separator.exec(text)?.[0].length ?? 0
}

/** UTF-16 and back, as halves of surrogate pairs have to stay what they are. */
function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length)
  for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at)
  return units
}

function textOf(units: Uint16Array): string {
  const parts: string[] = []
  for (let at = 0; at < units.length; at += 8192)
    // Unlike a spread, which goes by an iterator, this takes no time to speak of.
    parts.push(Reflect.apply(String.fromCharCode, undefined, units.subarray(at, at + 8192)))
  return parts.join('')
}

/** A card number that came as a JSON number, as text. One too long for a JSON number has lost digits, and is left alone. */
export const numberAsText = (value: unknown) =>
  Number.isSafeInteger(value) && Number(value) >= 10 ** (fewestDigits - 1) ? String(value) : value
