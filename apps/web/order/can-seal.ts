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
