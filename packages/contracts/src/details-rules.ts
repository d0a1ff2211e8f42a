import { isCardNumber, maskCardNumbers } from './card.ts'
import type { DetailFault } from './details-words.ts'

/** What a diner may say besides the dishes: how long texts are, how far ahead a meal can be wanted, how much a tip is. */
export const detailLimits = {
  name: 100,
  phone: 40,
  street: 200,
  city: 100,
  postalCode: 20,
  extra: 200,
  note: 500,
  daysAhead: 7,
  /** In the currency's smallest unit. A tip is besides no more than the dishes come to. */
  tipCents: 100_000,
} as const

/**
 * Why a text can't be taken; undefined where it can. Nobody would see what is not printed, and a card number that was
 * typed into the wrong field would be read by others.
 */
export function textFault(
  text: string,
  most: number,
): DetailFault<'tooLong' | 'noText' | 'hasCard'> | undefined {
  if (text.length > most) return { code: 'tooLong', most }
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return { code: 'noText' }
  return hasCardNumber(text) ? { code: 'hasCard' } : undefined
}

/** A phone number with its country may look like the number of a card. */
function hasCardNumber(text: string): boolean {
  const others = text.replace(/\+(?:[ ()./-]?\d){7,14}(?![ ()./-]?\d)/g, '')
  return maskCardNumbers(others) !== others
}

/** A text as it is kept: in one line, without blanks at its ends. */
export const inOneLine = (text: string): string => text.replace(/[\r\n\t\u2028\u2029]+/g, ' ').trim()

/**
 * Why a text is no phone number: one has 6 to 15 digits (E.164), written as people like, with a "+" at most before them.
 * Undefined where it is one.
 */
export function phoneFault(
  text: string,
): DetailFault<'noPhone' | 'shortPhone' | 'longPhone' | 'cardAsPhone'> | undefined {
  const digits = text.replace(/\D/g, '')
  if (
    text.length > detailLimits.phone ||
    !/^\+?[\d\s()./\-\u2010-\u2015]+$/.test(text) ||
    /[^\S ]/.test(text)
  )
    return { code: 'noPhone' }
  if (digits.length < 6) return { code: 'shortPhone' }
  if (digits.length > 15) return { code: 'longPhone' }
  return !text.startsWith('+') && isCardNumber(digits) ? { code: 'cardAsPhone' } : undefined
}

const dayMs = 24 * 3_600_000

/** Why a meal can't be wanted at that time; undefined where it can. @param wantedAt ISO 8601 @param now in ms */
export function wantedAtFault(wantedAt: string, now: number): DetailFault | undefined {
  const at = Date.parse(wantedAt)
  if (Number.isNaN(at)) return { code: 'noTime' }
  if (at <= now) return { code: 'past' }
  const { daysAhead } = detailLimits
  return at > now + daysAhead * dayMs ? { code: 'tooFarAhead', most: daysAhead } : undefined
}

/** Why so much is no tip for dishes that come to `dishesCents`; undefined where it is one. */
export function tipFault(tipCents: number, dishesCents: number): DetailFault | undefined {
  if (!Number.isSafeInteger(tipCents) || tipCents < 0) return { code: 'noTip' }
  if (tipCents > detailLimits.tipCents) return { code: 'hugeTip' }
  return tipCents > dishesCents ? { code: 'tipAboveDishes' } : undefined
}
