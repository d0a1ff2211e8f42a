import { CompactEncrypt, importJWK } from 'jose'
import { type PaymentKey, sealing } from 'kafka-restaurants-contracts'

/** Seals a card's digits so that only the bank can read them. */
export async function sealCard(digits: string, key: PaymentKey): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(digits))
    .setProtectedHeader({ ...sealing, kid: key.kid })
    .encrypt(await importJWK(key, sealing.alg))
}

/** Whether this page can seal: WebCrypto is missing on pages without TLS, and X25519 in browsers from before 2025. */
export async function canSeal(
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<boolean> {
  if (!subtle) return false
  try {
    await subtle.generateKey('X25519', false, ['deriveBits'])
    return true
  } catch {
    return false
  }
}
