import { PlaceOrder } from 'kafka-restaurants-contracts'
import { createTranslator } from 'next-intl'
import { describe, expect, test } from 'vitest'
import en from '../i18n/messages/en.json' with { type: 'json' }
import he from '../i18n/messages/he.json' with { type: 'json' }
import { checkFields, detailsOf, hasErrors, type OrderFields, problemErrors, tipFor } from './order-fields.ts'

const now = new Date(2026, 10, 27, 12)
const good: OrderFields = {
  name: 'Dana Cohen',
  phone: '+49 30 1234567',
  email: 'diner@example.com',
  fulfilment: 'delivery',
  street: 'Olive Street 5',
  city: 'Berlin',
  postalCode: '10115',
  extra: '',
  wantedAt: '',
  note: '',
  tipPercent: '10',
  card: '4242 4242 4242 4242',
  expiry: '12/29',
}
const english = createTranslator({ locale: 'en', messages: en, namespace: 'checkout' })
const hebrew = createTranslator({ locale: 'he', messages: he, namespace: 'checkout' })
const check = (change: Partial<OrderFields>, needsCard = true) =>
  checkFields({ ...good, ...change }, { now, needsCard, t: english })

describe('before anything is sent', () => {
  test('a complete order has no errors', () => {
    expect(check({})).toEqual({})
  })

  test('each empty field says what it wants', () => {
    const empty = {
      name: ' ',
      phone: '',
      email: ' ',
      street: '',
      city: '',
      postalCode: '',
      card: '',
      expiry: '',
    }
    expect(check(empty)).toEqual({
      name: 'Enter your name: the restaurant asks for it.',
      phone: 'Enter a phone number, in case nobody finds you.',
      street: 'Enter street and number.',
      city: 'Enter the city.',
      email: 'Enter the mail address for your confirmation.',
      card: 'Enter your card number.',
      expiry: 'Enter when your card expires.',
    })
  })

  test('who picks it up needs no address, and no phone', () => {
    expect(check({ fulfilment: 'pickup', phone: '', street: '', city: '' })).toEqual({})
  })

  test('a card that is sealed already is not asked for', () => {
    expect(check({ card: '', expiry: '' }, false)).toEqual({})
  })

  test.each([
    [{ phone: 'later' }, 'phone', /^This is not a phone number: /],
    [{ note: 'x'.repeat(501) }, 'note', /^The note is longer than 500 characters\.$/],
    [{ note: 'my card is 4242424242424242' }, 'note', /card number/],
    [{ wantedAt: '2026-11-26T12:00:00Z' }, 'wantedAt', /over/],
    [{ expiry: '10/26' }, 'expiry', /expired/],
  ] as const)('%j is told next to its field', (change, field, message) => {
    const errors = check(change)
    expect(Object.keys(errors)).toEqual([field])
    expect(errors[field]).toMatch(message)
  })

  test.each([
    'some=thing@example.com',
    'user@münchen.de',
    ' diner@example.com ',
    '\u202bדנה@דוגמה.קום\u202c',
  ])('%s is one', email => expect(check({ email })).toEqual({}))

  test.each(['diner', 'diner@', 'a b@example.com', 'a@b-.com', `${'x'.repeat(65)}@example.com`])(
    '%s is no mail address',
    email => {
      expect(check({ email }).email).toMatch(/not a mail address/)
    },
  )

  test('a short card number and a mistyped one are told apart', () => {
    expect(check({ card: '4242' }).card).toMatch(/13 to 19 digits/)
    expect(check({ card: '4242 4242 4242 4243' }).card).toMatch(/typing error/)
    expect(check({ card: '0000 0000 0000 0000' }).card).toMatch(/typing error/)
  })
})

describe('in Hebrew', () => {
  const inHebrew = (change: Partial<OrderFields>) =>
    checkFields({ ...good, ...change }, { now, needsCard: true, t: hebrew })

  test('each fault that is told in English is told, and nothing but what is to be typed is in Latin letters', () => {
    for (const change of [
      { name: ' ', phone: '', email: '', street: '', city: '', card: '', expiry: '' },
      { name: 'x'.repeat(101), phone: 'later', email: 'diner', card: '4242', expiry: 'soon' },
      { name: 'a\u0000', phone: '12345', card: '4242424242424243', expiry: '12/99' },
      { note: '4242424242424242', phone: '1'.repeat(16), expiry: '10/26', wantedAt: '2026-11-26T12:00:00Z' },
      { extra: '4242424242424242', phone: '378282246310005', note: 'x'.repeat(501) },
    ]) {
      const errors = inHebrew(change)
      expect(Object.keys(errors)).toEqual(Object.keys(check(change)))
      for (const message of Object.values(errors).flat())
        expect(message.replace('name@example.com', '')).toMatch(/^[^A-Za-z{}]*[א-ת][^A-Za-z{}]*$/)
    }
  })

  test('what is to be typed from left to right stays so', () => {
    expect(inHebrew({ phone: 'later' }).phone).toContain('\u2066+49\u00a030\u00a01234567\u2069')
    expect(inHebrew({ expiry: 'soon' }).expiry).toContain('\u206612/29\u2069')
  })

  test.each([
    [1, 'שדה אחד דורש בדיקה נוספת:'],
    [2, 'שני שדות דורשים בדיקה נוספת:'],
    [7, '7 שדות דורשים בדיקה נוספת:'],
  ])('%i fields are counted', (count, text) => {
    expect(hebrew('wrong', { count })).toBe(text)
  })
})

describe('what is sent', () => {
  const order = { restaurant: 'fig', email: 'diner@example.com', creditCard: '4242424242424242' }
  const sent = (change: Partial<OrderFields>) => detailsOf({ ...good, ...change }, 0)

  test('is what is filled in, and nothing that is empty', () => {
    expect(detailsOf({ ...good, note: ' ring\ntwice ' }, 100)).toEqual({
      name: 'Dana Cohen',
      phone: '+49 30 1234567',
      fulfilment: 'delivery',
      address: { street: 'Olive Street 5', city: 'Berlin', postalCode: '10115' },
      note: 'ring twice',
      tipCents: 100,
    })
    expect(sent({ fulfilment: 'pickup', phone: '' })).toEqual({ name: 'Dana Cohen', fulfilment: 'pickup' })
  })

  test('the API takes, wherever the page sees no error', () => {
    for (const change of [
      {},
      { fulfilment: 'pickup', phone: '' },
      { extra: '2nd floor', note: 'a\tb' },
    ] as const) {
      expect(check(change)).toEqual({})
      expect(PlaceOrder.safeParse({ ...order, ...sent(change) }).error).toBeUndefined()
    }
  })
})

test('a tip is a part of what the dishes come to', () => {
  expect([tipFor('0', 1150), tipFor('10', 1155), tipFor('10', 100_000_000), tipFor('x', 100)]).toEqual([
    0, 116, 100_000, 0,
  ])
})

describe("the API's answer", () => {
  const problem = { type: 'about:blank', title: 'Invalid order', status: 422 }

  test('each message goes next to its field', () => {
    const errors = [
      { field: 'email', message: 'Invalid email address' },
      { field: 'creditCard', message: 'is no card number' },
      { field: 'items.0.quantity', message: 'too many' },
      { field: 'items[1].id', message: 'not on the menu' },
      { field: 'address.city', message: 'is empty' },
      { field: 'address', message: 'is needed' },
      { field: 'tipCents', message: 'is too much' },
    ]
    expect(problemErrors({ ...problem, errors })).toEqual({
      email: 'Invalid email address.',
      card: 'Is no card number.',
      items: 'Too many. Not on the menu.',
      city: 'Is empty.',
      street: 'Is needed.',
      tipPercent: 'Is too much.',
    })
  })

  test('a message about a field that the page does not show is not lost', () => {
    const errors = [{ field: 'restaurant', message: 'is closed' }]
    expect(problemErrors({ ...problem, errors })).toEqual({ form: ['Restaurant: is closed.'] })
  })

  test('goes without more in English, and behind what it is about in Hebrew', () => {
    const tell = (t: typeof english | typeof hebrew, field: string) =>
      t.markup('refused.field', { field, words: 'Is empty.', api: words => `<${words}>` })
    expect(tell(english, 'city')).toBe('<Is empty.>')
    expect(tell(hebrew, 'card')).toBe('מספר הכרטיס לא התקבל: <Is empty.>')
    expect(tell(hebrew, 'city')).toBe('הכתובת לא התקבלה: <Is empty.>')
    const title = (t: typeof english | typeof hebrew, status: string) =>
      t.markup('refused.order', { status, words: 'No', api: words => `<${words}>` })
    expect(title(english, '422')).toBe('<No>')
    expect(title(hebrew, '422')).toBe('יש פרטים בהזמנה שלא התקבלו: <No>')
    expect(title(hebrew, '418')).toBe('ההזמנה לא התקבלה: <No>')
  })

  test('a problem without fields has no field errors', () => {
    expect(hasErrors(problemErrors(problem))).toBe(false)
  })
})
