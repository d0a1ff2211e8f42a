import { ConfirmedOrder, DeclinedOrder, DeclineReason } from 'kafka-restaurants-contracts'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { describe, expect, it } from 'vitest'
import { confirmationMail, declineMail, senderOf } from './mail.ts'
import { readConfirmed } from './outcomes.ts'

const domain = 'kafka-restaurants.example'
const order = {
  order_id: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
  restaurant: 'Olive & Thyme',
  email: 'diner@example.com',
  card_last4: '4242',
  items: [
    { id: 'masabacha', name: 'Masabacha', quantity: 2, price_cents: 1250 },
    { id: 'tea', name: 'Mint <tea>', quantity: 1, price_cents: 300 },
  ],
  amount_cents: 2800,
  currency: 'EUR',
}
const confirmed = (over: object = {}) =>
  confirmationMail(
    ConfirmedOrder.parse({
      ...order,
      payment_id: 'pay_1',
      confirmed_at: '2026-11-21T12:00:00.000Z',
      ...over,
    }),
    domain,
  )
const declined = (over: object = {}) =>
  declineMail(
    DeclinedOrder.parse({ ...order, reason: 'lost_card', declined_at: '2026-11-21T12:00:00.000Z', ...over }),
    domain,
  )

describe('a confirmation', () => {
  it('says what was ordered, where, and what was paid with which card', () => {
    const { to, subject, text } = confirmed()
    expect(to).toBe('diner@example.com')
    expect(subject).toBe('Your order at Olive & Thyme is confirmed')
    for (const words of [
      '2 × Masabacha: €25.00',
      'Total: €28.00',
      'card ending in 4242',
      'pay_1',
      order.order_id,
    ]) {
      expect(text).toContain(words)
    }
  })

  it('says the same in HTML, with all that was typed by people escaped', () => {
    const { html } = confirmed({ restaurant: '<script>alert(1)</script>', payment_id: '"><img src=x>' })
    expect(html).not.toMatch(/<script|<img|<tea>/)
    for (const words of [
      '2 × Masabacha',
      '€28.00',
      'Mint &lt;tea&gt;',
      '&lt;script&gt;alert(1)&lt;/script&gt;',
    ]) {
      expect(html).toContain(words)
    }
  })

  it("is made for our own outcome of the first generation's order, which names no dishes", () => {
    const { text } = confirmed({ items: [], amount_cents: 2000, card_last4: '' })
    expect(text).toContain('Total: €20.00')
    expect(text).toContain('Your card was charged')
  })

  it.each([
    ['has no amount', {}],
    ['has none that is known', { amount_cents: null }],
  ])("says nothing of money where the first generation's outcome %s", (_which, amount) => {
    const entry = {
      email: 'diner@example.com',
      credit_card: '4242424242424242',
      restaurant: 'Fig',
      ...amount,
    }
    const value = Buffer.from(JSON.stringify([entry]))
    const [order] = readConfirmed({ value, reference: 'order_confirm-0@1/2' } as InputRecord)
    if (!order) throw new Error('no order')
    const { text, html } = confirmationMail(order, domain)
    expect(text).toContain('Fig has your order.\n')
    for (const part of [text, html]) expect(part).not.toMatch(/charged|total|paid|€|EUR|\d{2}\.\d{2}|4242/i)
  })
})

describe('a decline', () => {
  it('says that nothing was charged, and why', () => {
    const { subject, text } = declined()
    expect(subject).toBe('Your order at Olive & Thyme could not be paid')
    expect(text).toContain('Your card was reported lost. Nothing was charged')
  })

  it('has words for every reason of the bank, and for those that are not known yet', () => {
    const first = (reason: string) => declined({ reason }).text.split('\n')[2]
    const known = new Set(DeclineReason.options.map(first))
    expect(known.size).toBe(DeclineReason.options.length)
    for (const reason of ['new_reason', 'constructor', '']) {
      expect(first(reason)).toMatch(/^The bank declined the payment\. Nothing was charged/)
    }
  })
})

describe('the Message-ID', () => {
  it('is the same for the same order and outcome, and differs between outcomes', () => {
    expect(confirmed().messageId).toBe(`<${order.order_id}.confirmed@${domain}>`)
    expect(confirmed({ restaurant: 'Another' }).messageId).toBe(confirmed().messageId)
    expect(declined().messageId).toBe(`<${order.order_id}.declined@${domain}>`)
  })

  it('is safe and unique for any order id', () => {
    const ids = [
      'a b',
      'a=20b',
      'a>b@c\r\nBcc: x',
      'ü',
      '..',
      '',
      'order-3@42',
      'x'.repeat(100),
      '\ud800',
      '\udfff',
      '\ufffd',
      '\\ud800',
    ]
    const made = ids.map(order_id => confirmed({ order_id }).messageId)
    for (const id of made) expect(id).toMatch(/^<[\w=-]*(\.[\w=-]+)*@[a-z.-]+>$/)
    expect(new Set(made).size).toBe(ids.length)
  })
})

describe('headers', () => {
  it('stay one line each, whatever a name holds', () => {
    const mail = confirmed({ restaurant: 'Olive\r\nBcc: everyone@example.com', email: 'a@b.example\r\nX: y' })
    expect(mail.subject).toBe('Your order at Olive Bcc: everyone@example.com is confirmed')
    expect(mail.to).not.toMatch(/[\r\n]/)
  })
})

describe('money', () => {
  it('is written as on the page', () => {
    const item = { id: 'ramen', name: 'Ramen', quantity: 2, price_cents: 390 }
    const { text, html } = confirmed({ currency: 'JPY', amount_cents: 780, items: [item] })
    expect(text).toContain('was charged ¥780.')
    expect(text).toContain('2 × Ramen: ¥780\nTotal: ¥780\n')
    expect(html).not.toContain('JP¥')
  })
})

describe('a sender', () => {
  const address = 'orders@kafka-restaurants.example'
  it.each([
    [`Kafka Restaurants <${address}>`, 'Kafka Restaurants'],
    [address, ''],
    [`<${address}>`, ''],
    [`Kafka Restaurants: Orders <${address}>`, 'Kafka Restaurants: Orders'],
    [`Fig, Olive; and "more" (new) <${address}>`, 'Fig, Olive; and "more" (new)'],
    [`"Fig, \\"Olive\\" & more" <${address}>`, 'Fig, "Olive" & more'],
    [`  Café Fig <${address}> `, 'Café Fig'],
  ])('%j is named %j', (from, name) => {
    expect(senderOf(from)).toEqual({ name, address, domain: 'kafka-restaurants.example' })
  })

  it('may have a host of one label', () => {
    expect(senderOf('Fig <orders@localhost>')?.domain).toBe('localhost')
  })

  it.each([
    'orders',
    'a <b@c>\r\nX: y',
    'Kafka: a@b.example;',
    'Kafka:a@b.example',
    'a@b.example, c@d.example',
    'a@b.example,c@d.example',
    'A <a@b.example>, C <c@d.example>',
    'A <a@b@c.example>',
    'A <a@b-.example>',
    'A <>',
    '',
  ])('%j is none', from => {
    expect(senderOf(from)).toBeUndefined()
  })
})
