import { z } from 'zod'
import type { Locale } from './details.ts'

/** Why the bank declines a charge. */
export const DeclineReason = z.enum([
  'card_declined',
  'insufficient_funds',
  'expired_card',
  'lost_card',
  'stolen_card',
  'invalid_number',
])
export type DeclineReason = z.infer<typeof DeclineReason>

const whyInWords: Readonly<Record<Locale, Readonly<Record<DeclineReason | 'other', string>>>> = {
  en: {
    card_declined: 'The bank declined your card.',
    insufficient_funds: 'There is not enough money on your card.',
    expired_card: 'Your card has expired.',
    lost_card: 'Your card was reported lost.',
    stolen_card: 'Your card was reported stolen.',
    invalid_number: 'The card number is not valid.',
    other: 'The bank declined the payment.',
  },
  he: {
    card_declined: 'הבנק דחה את הכרטיס שלך.',
    insufficient_funds: 'אין די כסף בכרטיס שלך.',
    expired_card: 'תוקף הכרטיס שלך פג.',
    lost_card: 'הכרטיס שלך דווח כאבוד.',
    stolen_card: 'הכרטיס שלך דווח כגנוב.',
    invalid_number: 'מספר הכרטיס אינו תקין.',
    other: 'הבנק דחה את התשלום.',
  },
}

/** Tells a diner why the bank said no. A reason may be any text: one that is not known yet has words, too. */
export function whyDeclined(reason: string, locale: Locale = 'en'): string {
  const known = DeclineReason.safeParse(reason)
  return whyInWords[locale][known.success ? known.data : 'other']
}

/**
 * What a charge may come to, in cents: at most the largest order of the dearest dishes. A ledger of a million such
 * charges still adds up to a number that JavaScript and JSON hold exactly.
 */
export const amountCents = z.int().nonnegative().max(5_000_000_000)

/** Text that a database gives back as it was: one with half of a surrogate pair comes back with another character. */
const text = z.string().refine(value => !/\p{Surrogate}/u.test(value), 'must be well-formed Unicode')

/** `POST /charges`, with the order's id as `Idempotency-Key`. */
export const ChargeRequest = z
  .object({
    card: z
      .string()
      .min(1)
      .max(4096)
      .meta({ description: 'a compact JWE for a key of the JWKS, or a bare number' }),
    amount_cents: amountCents,
    currency: text.length(3),
    reference: text.min(1).max(300).meta({ description: "the order record's coordinates" }),
  })
  .meta({
    examples: [{ card: '4242424242424242', amount_cents: 2500, currency: 'EUR', reference: 'order-3@42' }],
  })
export type ChargeRequest = z.infer<typeof ChargeRequest>

const charged = { card_last4: z.string(), reference: z.string() }

/** `201`, or `200` where this key was charged before: then `reference` is that of the first call. */
export const ChargeAccepted = z.object({ payment_id: z.string(), ...charged }).meta({
  examples: [{ payment_id: 'pay_1', card_last4: '4242', reference: 'order-3@42' }],
})
export type ChargeAccepted = z.infer<typeof ChargeAccepted>

/** `402`. A repeat of the key gets the first call's answer, its `reference` included. */
export const ChargeDeclined = z.looseObject({ reason: DeclineReason, ...charged }).meta({
  examples: [{ reason: 'insufficient_funds', card_last4: '9995', reference: 'order-3@42' }],
})
export type ChargeDeclined = z.infer<typeof ChargeDeclined>

/** A public key to seal a card number with (RFC 7517, RFC 8037): X25519, for `ECDH-ES` with `A128GCM`. */
export const PaymentKey = z
  .looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('X25519'),
    x: z.string(),
    kid: z.string(),
    alg: z.literal('ECDH-ES'),
    use: z.literal('enc'),
  })
  .meta({
    examples: [{ kty: 'OKP', crv: 'X25519', x: 'abc', kid: '2026-11', alg: 'ECDH-ES', use: 'enc' }],
  })
export type PaymentKey = z.infer<typeof PaymentKey>

/** `GET /.well-known/jwks.json`: the first key is the one to seal with. */
export const PaymentKeys = z.object({ keys: z.array(PaymentKey).min(1) })
export type PaymentKeys = z.infer<typeof PaymentKeys>
