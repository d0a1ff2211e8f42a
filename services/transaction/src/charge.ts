import type { ChargeAccepted, ChargeDeclined, ChargeRequest } from 'kafka-restaurants-contracts'

/** What the bank says of a charge; `reference` is that of the first call with this key. */
export type BankAnswer =
  | ({ outcome: 'accepted' } & ChargeAccepted)
  | ({ outcome: 'declined' } & ChargeDeclined)
  | { outcome: 'unreadable'; why: string }

export type Charge = (idempotencyKey: string, request: ChargeRequest) => Promise<BankAnswer>
