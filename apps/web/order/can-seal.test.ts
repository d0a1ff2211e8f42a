import { compactDecrypt, exportJWK, generateKeyPair } from 'jose'
import { isSealed, PaymentKey } from 'kafka-restaurants-contracts'
import { sealCard } from 'kafka-restaurants-contracts/seal-card'
import { expect, test } from 'vitest'
import { canSeal } from './can-seal.ts'

test('only the holder of the private key reads a sealed card', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519' })
  const key = PaymentKey.parse({ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ECDH-ES', use: 'enc' })

  const sealed = await sealCard('4242424242424242', key)
  expect(isSealed(sealed)).toBe(true)

  const { plaintext, protectedHeader } = await compactDecrypt(sealed, privateKey)
  expect(new TextDecoder().decode(plaintext)).toBe('4242424242424242')
  expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A128GCM', kid: 'k1' })
})

test('a browser without the curve knows that it can not seal', async () => {
  expect(await canSeal()).toBe(true)
  const withoutCurve = { generateKey: () => Promise.reject(new Error('not supported')) }
  expect(await canSeal(Object.assign(Object.create(crypto.subtle), withoutCurve))).toBe(false)
})
