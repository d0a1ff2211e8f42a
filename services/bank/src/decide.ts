import { type DeclineReason, isCardNumber } from 'kafka-restaurants-contracts'

export type Decision = { outcome: 'accepted' } | { outcome: 'declined'; reason: DeclineReason }

/** Numbers that are always declined, so that people and tests can see each way that a charge goes wrong. */
export const decliningCards: Readonly<Record<string, DeclineReason>> = {
  '4000000000000002': 'card_declined',
  '4000000000009995': 'insufficient_funds',
  '4000000000000069': 'expired_card',
  '4000000000009987': 'lost_card',
  '4000000000009979': 'stolen_card',
}

/** Decides whether a card pays. Takes 13 to 19 bare digits; every one that is a card number and not listed pays. */
export function decide(digits: string): Decision {
  if (!isCardNumber(digits)) return { outcome: 'declined', reason: 'invalid_number' }
  const reason = decliningCards[digits]
  return reason ? { outcome: 'declined', reason } : { outcome: 'accepted' }
}
