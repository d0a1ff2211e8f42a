import { z } from 'zod'
import { addressAsTyped, isMailAddress } from './address.ts'
import { hasCardLength, isCardNumber, isSealed } from './card.ts'

/** A mail address as people type it. Blanks around it are no part of it. */
export const MailAddress = z
  .string()
  .overwrite(addressAsTyped)
  .max(254)
  .refine(isMailAddress, 'is not a mail address')
  .meta({ format: 'idn-email' })

/** A card as orders carry it: sealed for the bank, or (the first generation, curl) the bare number. */
export const Card = z
  .string()
  .max(4096)
  .superRefine((value, context) => {
    if (isSealed(value) || isCardNumber(value)) return
    const message = hasCardLength(value)
      ? 'is no card number: its check digit is wrong, or no card of that length begins so'
      : 'must be a card number of 13 to 19 digits, or one sealed with the key from /payment-key'
    context.addIssue({ code: 'custom', message })
  })
