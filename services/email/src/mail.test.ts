import { ConfirmedOrder, DeclinedOrder, DeclineReason, type Locale } from 'kafka-restaurants-contracts'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { describe, expect, it } from 'vitest'
import { confirmationMail, declineMail } from './mail.ts'
import { readConfirmed } from './outcomes.ts'

const around = { domain: 'kafka-restaurants.example', siteUrl: 'https://eat.example/' }
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
const details = {
  name: 'Dana Levi',
  phone: '+49 30 1234567',
  fulfilment: 'delivery',
  address: { street: 'Olive Street 5', city: 'Berlin', postal_code: '10115', extra: 'third floor' },
  wanted_at: '2026-11-27T19:30:00+02:00',
  note: 'No onions, please',
  tip_cents: 200,
}
const confirmed = (over: object = {}) =>
  confirmationMail(
    ConfirmedOrder.parse({
      ...order,
      payment_id: 'pay_1',
      confirmed_at: '2026-11-21T12:00:00.000Z',
      ...over,
    }),
    around,
  )
const declined = (over: object = {}) =>
  declineMail(
    DeclinedOrder.parse({ ...order, reason: 'lost_card', declined_at: '2026-11-21T12:00:00.000Z', ...over }),
    around,
  )
/** What a reader of the HTML sees, in one line. */
const seen = (html: string) =>
  html
    .replace(/<head>.*<\/head>|<!--.*?-->/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
const page = `https://eat.example/orders/${order.order_id}`

const inWords = {
  en: {
    confirmed: 'Order confirmed: Olive & Thyme',
    declined: 'Order not paid: Olive & Thyme',
    facts: ['Delivery', 'As soon as possible', 'You pick it up', 'Follow your order', 'Try another card'],
    reason: 'Your card was reported lost.',
    notCharged: 'Nothing was charged',
    time: ['Friday 27 November', '19:30', '(UTC+02:00)'],
    money: ['€25.00', '€3.00', '€2.00', '€28.00'],
    labels: ['Tip', 'Total', 'Name', 'Phone', 'Address', 'Note', 'Paid with', 'Payment', 'Order'],
  },
  he: {
    confirmed: 'ההזמנה אושרה: Olive & Thyme',
    declined: 'ההזמנה לא שולמה: Olive & Thyme',
    facts: ['משלוח', 'בהקדם האפשרי', 'איסוף עצמי', 'מעקב אחר ההזמנה', 'תשלום בכרטיס אחר'],
    reason: 'הכרטיס שלך דווח כאבוד.',
    notCharged: 'לא חויבת',
    time: ['יום שישי', '27 בנובמבר', '19:30', '(UTC+02:00)'],
    money: ['25.00\u00a0\u200f€', '3.00\u00a0\u200f€', '2.00\u00a0\u200f€', '28.00\u00a0\u200f€'],
    labels: ['טיפ', 'סך הכול', 'שם', 'טלפון', 'כתובת', 'הערה', 'אמצעי התשלום', 'מספר תשלום', 'מספר הזמנה'],
  },
} as const

describe.each(['en', 'he'] as const)('in %s', locale => {
  const words = inWords[locale]
  const [delivery, soon, pickup, follow, retry] = words.facts
  const whole = { ...details, locale }

  it('a confirmation says all that was ordered, what was paid and how it comes, as text and as HTML', () => {
    const { to, subject, text, html } = confirmed(whole)
    expect(to).toBe('diner@example.com')
    expect(subject).toBe(words.confirmed)
    const said = [
      'Olive & Thyme',
      '2 × Masabacha',
      '1 × Mint <tea>',
      ...words.money,
      ...words.labels,
      '4242',
      'pay_1',
      order.order_id,
      delivery,
      'Olive Street 5, 10115 Berlin, third floor',
      ...words.time,
      'Dana Levi',
      '+49 30 1234567',
      'No onions, please',
      follow,
    ]
    for (const words of said) {
      expect(text).toContain(words)
      expect(seen(html)).toContain(words.replace(/\s/g, ' '))
    }
    expect(text).toContain(`${follow}: ${page}\n`)
    expect(html).toContain(`href="${page}"`)
  })

  it('a decline says why, that nothing was charged, and leads to another card', () => {
    const { subject, text, html } = declined(whole)
    expect(subject).toBe(words.declined)
    for (const part of [text, seen(html)]) {
      for (const said of [words.reason, words.notCharged, '2 × Masabacha', '4242', order.order_id])
        expect(part).toContain(said)
      for (const personal of ['Dana', '1234567', 'Olive Street', 'onions'])
        expect(part).not.toContain(personal)
    }
    expect(text).toContain(`${retry}: ${page}\n`)
    expect(html).toContain(`href="${page}"`)
  })

  it('what was not said is not made up; who said how, but not when, wants it soon', () => {
    const bare = confirmed({ locale }).text
    for (const said of [delivery, soon, pickup, words.labels[0], words.labels[2]])
      expect(bare).not.toContain(`${said}:`)
    expect(confirmed({ locale, fulfilment: 'pickup' }).text).toMatch(new RegExp(`: ${pickup}\n.*: ${soon}\n`))
  })

  it('the mail is of its language, and its direction', () => {
    const { html } = confirmed(whole)
    const direction = locale === 'he' ? 'rtl' : 'ltr'
    expect(html).toMatch(new RegExp(`^<!doctype html><html dir="${direction}" lang="${locale}">`))
    expect(new Set(html.match(/dir="\w+"/g))).toEqual(new Set([`dir="${direction}"`]))
    expect(new Set(html.match(/lang="\w+"/g))).toEqual(new Set([`lang="${locale}"`]))
    expect(new Set(html.match(/align="(left|right)"/g))).toEqual(
      new Set([`align="${locale === 'he' ? 'left' : 'right'}"`]),
    )
  })

  it('every reason of the bank has words of its own, and those that are not known yet have some', () => {
    const lead = (reason: string) => declined({ reason, locale }).text.split('\n')[2]
    expect(new Set(DeclineReason.options.map(lead)).size).toBe(DeclineReason.options.length)
    const unknown = new Set(['new_reason', 'constructor', '<b>', ''].map(lead))
    expect(unknown.size).toBe(1)
    for (const reason of DeclineReason.options) expect(unknown).not.toContain(lead(reason))
  })

  it('lists of mails show what matters: the outcome first, then the total and the dishes, or why', () => {
    const preview = (html: string) => /<div style="display:none[^>]*>([^<]*)/.exec(html)?.[1]
    expect(preview(confirmed(whole).html)).toContain(
      `${words.money[3]} · 2 × Masabacha, 1 × Mint &lt;tea&gt;`,
    )
    expect(preview(declined(whole).html)).toContain(words.reason)
    for (const subject of [words.confirmed, words.declined]) expect(subject.indexOf(':')).toBeLessThan(20)
  })
})

it('a mail is in English where no language is known', () => {
  expect(confirmed({ locale: undefined }).subject).toBe(inWords.en.confirmed)
  expect(confirmed({ locale: 'xx' }).subject).toBe(inWords.en.confirmed)
})

describe("the first generation's orders", () => {
  it('which name no dishes have a mail without any', () => {
    const { text } = confirmed({ items: [], amount_cents: 2000, card_last4: '' })
    expect(text).toContain('Total: €20.00')
    expect(text).toContain('Your card was charged')
  })

  it.each([
    ['has no amount', {}],
    ['has none that is known', { amount_cents: null }],
  ])('nothing is said of money, and nothing linked to, where the outcome %s and no id', (_which, amount) => {
    const entry = {
      email: 'diner@example.com',
      credit_card: '4242424242424242',
      restaurant: 'Fig',
      ...amount,
    }
    const value = Buffer.from(JSON.stringify([entry]))
    const [order] = readConfirmed({ value, reference: 'order_confirm-0@1/2' } as InputRecord)
    if (!order) throw new Error('no order')
    const { text, html } = confirmationMail(order, around)
    expect(text).toContain('Fig has your order.\n')
    for (const part of [text, seen(html)])
      expect(part).not.toMatch(/charged|total|paid|€|EUR|\d{2}\.\d{2}|4242|https?:/i)
    expect(html).not.toContain('href')
  })
})

it('there are no links where the address of the site is not known', () => {
  const { text, html } = confirmationMail(
    { ...ConfirmedOrder.parse({ ...order, payment_id: '1', confirmed_at: '2026-11-21T12:00:00.000Z' }) },
    { domain: around.domain },
  )
  expect(`${text}${html}`).not.toMatch(/https?:|href/)
})

describe('the words of others', () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{lead}}[[costs]]$&`
  const everywhere = (text: string, locale: Locale) => ({
    locale,
    restaurant: text,
    card_last4: text,
    payment_id: text,
    order_id: text,
    reason: text,
    currency: text,
    items: [{ id: text, name: text, quantity: 1, price_cents: 100 }],
    name: text,
    phone: text,
    note: text,
    fulfilment: 'delivery',
    address: { street: text, city: text, postal_code: text, extra: text },
    wanted_at: '2026-11-27T19:30:00Z',
  })
  const mails = (text: string) =>
    (['en', 'he'] as const).flatMap(locale => {
      const over = everywhere(text, locale)
      return [confirmed(over), declined(over)]
    })

  it('are text, and no HTML', () => {
    const tags = (html: string) => html.match(/<\/?[a-z]+/g)?.join()
    const like = mails('x')
    for (const [at, { html }] of mails(evil).entries()) {
      expect(tags(html)).toBe(tags(like[at]?.html ?? ''))
      expect(html).not.toMatch(/<script|<img|onerror=alert\(1\)>/)
      expect(html).toContain('{{lead}}[[costs]]$&amp;')
    }
  })

  it('lead nowhere: neither as links, nor as what mail programs make links of', () => {
    const bait = 'Win at http://evil.example/now or www.evil.example or evil.example or a@evil.example'
    for (const { text, html } of mails(bait)) {
      for (const part of [text, html.replace(/ href="[^"]*"/g, '')]) {
        const others = part.replaceAll(/https:\/\/eat\.example\/\S+/g, '')
        expect(others).toContain('Win at')
        expect(others).not.toMatch(/https?:\/\/|www\.\w|evil\.e|a@e/)
      }
      for (const [, url] of html.matchAll(/href="([^"]*)"/g))
        expect(url).toMatch(/^https:\/\/eat\.example\/orders\/[\w%.'()*!~-]+$/)
    }
  })

  it('make no line of their own, and no header', () => {
    const lines = (text: string) => text.split('\n').length
    const like = mails('x')
    for (const [at, { to, subject, text }] of mails(
      'Olive\r\nTotal: €0.00\u2028Bcc: x@y.example\u0085',
    ).entries()) {
      expect(lines(text)).toBe(lines(like[at]?.text ?? ''))
      expect(`${to}${subject}`).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
    }
    expect(confirmed({ email: 'a@b.example\r\nX: y' }).to).not.toMatch(/[\r\n]/)
  })

  it('turn no direction but their own', () => {
    for (const { subject, text, html } of mails('a\u202eb\u2066c\u2069d'))
      for (const part of [subject, text, html]) {
        expect(part).not.toMatch(/[\u202a-\u202e]/)
        const depth = [...part.matchAll(/[\u2066-\u2069]/g)].map(([mark]) => (mark === '\u2069' ? -1 : 1))
        expect(depth.reduce((sum, one) => sum + one, 0)).toBe(0)
      }
  })

  it('may be any text at all', () => {
    for (const text of ['', '\ud800', 'x'.repeat(100_000), '\u0000', '{{', '🍕'])
      for (const { text: said, html } of mails(text)) expect(`${said}${html}`.isWellFormed()).toBe(true)
  })
})

it('a time that is none is left out', () => {
  for (const wanted_at of ['2026-13-45T99:99:99Z', 'soon', ''])
    expect(confirmationMail({ ...order, payment_id: '1', wanted_at }, around).text).not.toContain(
      'When: Invalid',
    )
})

describe('the Message-ID', () => {
  it('is the same for the same order and outcome, and differs between outcomes', () => {
    expect(confirmed().messageId).toBe(`<${order.order_id}.confirmed@${around.domain}>`)
    expect(confirmed({ restaurant: 'Another', locale: 'he' }).messageId).toBe(confirmed().messageId)
    expect(declined().messageId).toBe(`<${order.order_id}.declined@${around.domain}>`)
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

describe('money', () => {
  it('is written as on the page', () => {
    const item = { id: 'ramen', name: 'Ramen', quantity: 2, price_cents: 390 }
    const { text, html } = confirmed({ currency: 'JPY', amount_cents: 780, items: [item] })
    expect(text).toContain('was charged ¥780.')
    expect(text).toContain('2 × Ramen: ¥780\nTotal: ¥780\n')
    expect(html).not.toContain('JP¥')
  })
})

it('the HTML loads nothing from anywhere, runs nothing, and knows dark mode and narrow screens', () => {
  const { html } = confirmed(details)
  expect(html).not.toMatch(/<(script|img|link|iframe|object|form)|url\(|@import|@font-face|src=/i)
  expect(html).toContain('<meta name="color-scheme" content="light dark"/>')
  expect(html).toMatch(/@media \(prefers-color-scheme: dark\) \{.*\.paper.*\.card.*\.ink/s)
  expect(html).toContain('<meta name="viewport" content="width=device-width"/>')
})
