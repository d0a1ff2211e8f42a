import { cardDigits } from 'kafka-restaurants-contracts'

/**
 * A card number in groups of four, as it stands on the card. Digits of full width become plain ones; what is no digit is
 * dropped, and so is a 20th digit.
 */
export const groupCard = (typed: string) =>
  plain(typed)
    .replace(/\D/g, '')
    .slice(0, 19)
    .replace(/(\d{4})(?=\d)/g, '$1 ')

/** Where the cursor belongs in the grouped number: behind as many digits as it was behind while typing. */
export function caretIn(grouped: string, digitsBefore: number): number {
  if (digitsBefore === 0) return 0
  let seen = 0
  for (let index = 0; index < grouped.length; index++) {
    if (grouped[index] !== ' ' && ++seen === digitsBefore) return index + 1
  }
  return grouped.length
}

const plain = (typed: string) => typed.normalize('NFKC')

export const countDigits = (text: string) => plain(text).replace(/\D/g, '').length

export const lastFour = (card: string) => cardDigits(card).slice(-4)
