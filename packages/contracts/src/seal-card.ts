import { CompactEncrypt, importJWK } from 'jose'
import type { PaymentKey } from './payment.ts'
import { sealing } from './sealing.ts'

/** Seals a card's digits so that only the bank can read them: a compact JWE (RFC 7516). In browsers and in Node alike. */
export async function sealCard(digits: string, key: PaymentKey): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(digits))
    .setProtectedHeader({ ...sealing, kid: key.kid })
    .encrypt(await importJWK(key, sealing.alg))
}
