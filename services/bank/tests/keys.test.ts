import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { PaymentKeys } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { filesIn, json, newFolder, order, seal, startBank } from './bank.ts'

describe('a sealed card', () => {
  it('is opened by the bank that published the key', async () => {
    const bank = await startBank()
    const { keys } = PaymentKeys.parse(await bank.jwks())
    const card = await seal('4000 0000 0000 9995', keys[0] as (typeof keys)[0])
    const response = await bank.charge('order-1', order(card))
    expect(response.status).toBe(402)
    expect(await json(response)).toMatchObject({ reason: 'insufficient_funds', card_last4: '9995' })
  })

  it('is refused when it was tampered with, is for a key we do not have, or holds no number', async () => {
    const bank = await startBank()
    const [key] = (await bank.jwks()).keys
    const good = await seal('4242424242424242', key)
    const parts = good.split('.')
    const body = parts[3] as string
    parts[3] = (body[0] === 'A' ? 'B' : 'A') + body.slice(1)
    const cards = [
      parts.join('.'),
      await seal('4242424242424242', { ...key, kid: 'another' }),
      await seal('hello', key),
      await seal('123456789012', key),
    ]
    for (const card of cards) {
      const response = await bank.charge('order-1', order(card))
      expect(response.status).toBe(422)
      expect((await json(response)).errors).toEqual([{ field: 'card', message: expect.any(String) }])
    }
    expect((await bank.charge('order-1', order(good))).status).toBe(201)
  })
})

describe('the keys file', () => {
  it('is made once, for its owner alone, and nothing private is published', async () => {
    const bank = await startBank()
    expect(statSync(bank.KEYS_FILE).mode & 0o777).toBe(0o600)
    const jwks = await bank.jwks()
    expect(JSON.stringify(jwks)).not.toContain('"d"')
    await bank.kill('SIGTERM')
    expect(await (await startBank(bank.folder)).jwks()).toEqual(jwks)
  })

  it('may hold several keys: the first is for new cards, the others still open old ones', async () => {
    const [before, other] = [await startBank(), await startBank()]
    const [oldKey] = (await before.jwks()).keys
    const sealedBefore = await seal('4242424242424242', oldKey)
    const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')).keys
    const keys = [...read(other.KEYS_FILE), ...read(before.KEYS_FILE)]
    await before.kill('SIGTERM')
    // As some editors save it.
    writeFileSync(before.KEYS_FILE, `\uFEFF${JSON.stringify({ keys })}`)

    const bank = await startBank(before.folder)
    const published = (await bank.jwks()).keys
    expect(published.map((key: { kid: string }) => key.kid)).toEqual([keys[0].kid, oldKey.kid])
    expect((await bank.charge('old', order(sealedBefore))).status).toBe(201)
    expect((await bank.charge('new', order(await seal('4242424242424242', published[0])))).status).toBe(201)
  })

  it('that can not be used stops the bank with words, and is left alone', async () => {
    const good = JSON.parse(readFileSync((await startBank()).KEYS_FILE, 'utf8')).keys[0]
    const other = JSON.parse(readFileSync((await startBank()).KEYS_FILE, 'utf8')).keys[0]
    const contents = [
      '{"keys": [',
      '{"keys": []}',
      JSON.stringify({ keys: [good, good] }),
      JSON.stringify({ keys: [{ ...good, x: other.x }] }),
    ]
    for (const content of contents) {
      const folder = newFolder()
      const { KEYS_FILE: file } = filesIn(folder)
      mkdirSync(dirname(file))
      writeFileSync(file, content)
      const failure = await startBank(folder).catch(String)
      expect(failure).toMatch(/bank exited with 2/)
      expect(failure).toContain(`KEYS_FILE ${file} can't be used`)
      expect(failure).not.toContain(good.d)
      expect(readFileSync(file, 'utf8')).toBe(content)
    }
  })
})
