import { maskCardNumbers, maskMailAddresses } from 'kafka-restaurants-contracts'
import { redactedText } from 'kafka-restaurants-service'

const hidden = '…'
/** What an order's record says of its diner, by our names, and by those that others would use. */
const personal = new Set([
  ...['name', 'phone', 'address', 'note', 'street', 'city', 'postal_code', 'extra'],
  ...['first_name', 'last_name', 'full_name', 'telephone', 'mobile', 'zip', 'zip_code', 'password'],
])
/** Of a dish, a name is that of the dish. */
const ofDishes = new Set(['items', 'choices'])
const spelled = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
const isPersonal = (name: string) => personal.has(spelled(name).replace(/^_/, ''))

/** The reason of a dead letter, so that what went wrong for one address is the same as for another. */
export const redactedReason = (text: string): string => maskMailAddresses(maskCardNumbers(text), () => hidden)

/**
 * A record's value without card numbers, mail addresses, and what else is personal by the name of its field: as JSON where
 * it is that, however deep; else as the text that it is, whose fields are looked for by what stands before them.
 */
export function redactedValue(text: string): string {
  const read = readJson(text)
  if (read === undefined) return redactedText(text.replace(looseField, hideField))
  try {
    return JSON.stringify(redacted(read), undefined, 2)
  } catch {
    // Deeper than the stack.
    return redactedText(text.replace(looseField, hideField))
  }
}

function redacted(value: unknown, isOfDish = false): unknown {
  if (typeof value === 'string') return redactedString(value)
  // Its digits may be those of a card.
  if (typeof value === 'number') return redactedText(String(value)) === String(value) ? value : hidden
  if (Array.isArray(value)) return value.map(each => redacted(each, isOfDish))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => {
    const isHidden = isPersonal(name) && !(isOfDish && name === 'name') && field !== null
    return [redactedText(name), isHidden ? hidden : redacted(field, isOfDish || ofDishes.has(name))]
  })
  return Object.fromEntries(fields)
}

/** A command says what it is about as JSON in a text. */
function redactedString(text: string): string {
  const inner = /^\s*[[{]/.test(text) ? readJson(text) : undefined
  return inner === undefined ? redactedText(text) : JSON.stringify(redacted(inner))
}

/**
 * A field and its text, up to a quote that ends a field, also where the JSON around it is broken, is cut, or is itself in a
 * text.
 */
const looseField =
  /(["'])(\w{1,64})(\\{0,16}["']\s{0,16}:\s{0,16}\\{0,16}["'])(?:(?!\\{0,16}\1\s{0,16}[,}\]]).)*/gs

const hideField = (whole: string, quote: string, name: string, between: string) =>
  isPersonal(name) ? `${quote}${name}${between}${hidden}` : whole

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
