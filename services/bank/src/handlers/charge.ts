import { randomUUID } from 'node:crypto'
import { ChargeRequest, cardPattern } from 'kafka-restaurants-contracts'
import { HttpProblem, parseRequest } from 'kafka-restaurants-service'
import type { CardOpener } from '../adapters/keys.ts'
import type { Charge, Ledger } from '../adapters/ledger.ts'
import { decide } from '../decide.ts'

/**
 * Charges a card once for each key. A key that was charged before gets the first charge again, whatever the body.
 * @throws HttpProblem 422 for a body or a card that can't be read; nothing is recorded then
 */
export function charge(
  idempotencyKey: string,
  body: unknown,
  { ledger, keys }: { ledger: Ledger; keys: CardOpener },
): { charge: Charge; replayed: boolean } {
  const earlier = ledger.find(idempotencyKey)
  if (earlier) return { charge: earlier, replayed: true }
  const request = parseRequest(ChargeRequest, body, 'Invalid charge')
  const digits = keys.open(request.card)
  if (!digits)
    throw invalid('card', 'must be 13 to 19 digits, bare or sealed with a key from /.well-known/jwks.json')
  if ([idempotencyKey, request.reference].some(kept => cardPattern(digits).test(kept))) {
    throw invalid('card', 'must not be in the Idempotency-Key or the reference: those are kept and logged')
  }
  const line = {
    idempotency_key: idempotencyKey,
    reference: request.reference,
    amount_cents: request.amount_cents,
    currency: request.currency,
    card_last4: digits.slice(-4),
    charged_at: new Date().toISOString(),
  }
  const decision = decide(digits)
  return ledger.recordOnce(
    decision.outcome === 'accepted'
      ? { ...line, ...decision, reason: null, payment_id: `pay_${randomUUID().replaceAll('-', '')}` }
      : { ...line, ...decision, payment_id: null },
  )
}

const invalid = (field: string, message: string) =>
  new HttpProblem(422, 'Invalid charge', { errors: [{ field, message }] })

/** The answer to a charge: its status, and its body. */
export function answer(charge: Charge, replayed: boolean): [number, object] {
  const { card_last4, reference } = charge
  return charge.outcome === 'accepted'
    ? [replayed ? 200 : 201, { payment_id: charge.payment_id, card_last4, reference }]
    : [402, { reason: charge.reason, card_last4, reference }]
}
