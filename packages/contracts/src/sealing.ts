/** How a card's number is sealed with a payment key (RFC 7518). */
export const sealing = { alg: 'ECDH-ES', enc: 'A128GCM' } as const
