import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { expect, it } from 'vitest'
import { contentKey, openJwe } from './jwe.ts'

const { privateKey, publicKey } = generateKeyPairSync('x25519')
const keys = new Map([['ours', privateKey]])

interface Sealed {
  header?: object
  key?: KeyObject
  party?: [apu: Uint8Array, apv: Uint8Array]
}

const seal = (text: string, { header, key = publicKey, party }: Sealed = {}) => {
  const sealed = new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader({
    alg: 'ECDH-ES',
    enc: 'A128GCM',
    kid: 'ours',
    ...header,
  })
  if (party) sealed.setKeyManagementParameters({ apu: party[0], apv: party[1] })
  return sealed.encrypt(key)
}

it('derives the key of RFC 7518, appendix C', () => {
  const point = (x: string, y: string, d: string) => ({ kty: 'EC', crv: 'P-256', x, y, d })
  const ephemeral = point(
    'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
    'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
    '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
  )
  const bob = point(
    'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
    'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
    'VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw',
  )
  const secret = diffieHellman({
    privateKey: createPrivateKey({ format: 'jwk', key: bob }),
    publicKey: createPublicKey({ format: 'jwk', key: ephemeral }),
  })
  const party = {
    apu: Buffer.from('Alice').toString('base64url'),
    apv: Buffer.from('Bob').toString('base64url'),
  }
  expect(contentKey(secret, party).toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg')
})

it.each(['', '4242424242424242', 'Grüße 🍲', 'a'.repeat(100_000)])(
  'opens what a library sealed: %.20s',
  async text => {
    expect(openJwe(await seal(text), keys)).toBe(text)
  },
)

it('opens what names its parties, or says more than is known here', async () => {
  const party: [Uint8Array, Uint8Array] = [Buffer.from('Alice'), Buffer.alloc(70, 1)]
  expect(openJwe(await seal('named', { party }), keys)).toBe('named')
  expect(openJwe(await seal('more', { header: { typ: 'JWE', cty: 'text', iat: 1 } }), keys)).toBe('more')
})

it('takes the key that it was sealed for', async () => {
  const other = generateKeyPairSync('x25519')
  const both = new Map([...keys, ['other', other.privateKey]])
  const sealed = await seal('for the other', { header: { kid: 'other' }, key: other.publicKey })
  expect(openJwe(sealed, both)).toBe('for the other')
  expect(() => openJwe(sealed, keys)).toThrow('unknown kid')
})

it('refuses what was changed anywhere', async () => {
  const sealed = await seal('4242424242424242')
  const changed = [...sealed].flatMap((letter, index) => {
    // The last letter of a part has bits that mean nothing.
    if (letter === '.' || index + 1 === sealed.length || sealed[index + 1] === '.') return []
    return [`${sealed.slice(0, index)}${letter === 'A' ? 'B' : 'A'}${sealed.slice(index + 1)}`]
  })
  expect(changed.length).toBeGreaterThan(200)
  for (const each of changed) expect(() => openJwe(each, keys), each).toThrow()
})

it('refuses other algorithms, and what would have to be read otherwise, and says which', async () => {
  const [head = '', , ...rest] = (await seal('secret')).split('.')
  const { epk, ...header } = JSON.parse(Buffer.from(head, 'base64url').toString())
  const others = {
    alg: 'dir',
    enc: 'A256GCM',
    kid: 7,
    crit: ['exp'],
    zip: 'DEF',
    epk: { ...epk, crv: 'P-256' },
  }
  for (const [name, value] of Object.entries(others)) {
    const changed = Buffer.from(JSON.stringify({ epk, ...header, [name]: value })).toString('base64url')
    expect(() => openJwe([changed, '', ...rest].join('.'), keys)).toThrow(`"${name}"`)
  }
})

it('refuses what is no such JWE', async () => {
  const [head = '', , iv = '', ciphertext = '', tag = ''] = (await seal('secret')).split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString())
  const lowOrder = { ...header, epk: { ...header.epk, x: Buffer.alloc(32).toString('base64url') } }
  const refused = [
    [head, 'AAAA', iv, ciphertext, tag],
    [head, '', '', ciphertext, tag],
    [head, '', iv.slice(0, 8), ciphertext, tag],
    [head, '', iv, ciphertext, tag.slice(0, 6)],
    [head, '', iv, ciphertext, ''],
    [head, '', iv, ciphertext],
    [head, '', iv, ciphertext, tag, ''],
    [Buffer.from(JSON.stringify(lowOrder)).toString('base64url'), '', iv, ciphertext, tag],
    ['', '', '', '', ''],
    ['bm8', '', '', '', ''],
    [''],
  ]
  for (const parts of refused) expect(() => openJwe(parts.join('.'), keys), parts.join('.')).toThrow()
})
