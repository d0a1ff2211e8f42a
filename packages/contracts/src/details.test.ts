import { describe, expect, it } from 'vitest'
import { detailsRecord, kitchenDetailsOf } from './details.ts'
import { phoneFault, textFault, tipFault, wantedAtFault } from './details-rules.ts'
import { faultInWords } from './details-words.ts'
import { LenientConfirmedOrders, Order, PlaceOrder } from './orders.ts'

const order = { restaurant: 'fig', email: 'דנה@דוגמה.קום', creditCard: '4242424242424242' }
const address = { street: 'רחוב הזית 5', city: 'חיפה', postalCode: '31000' }
const delivery = {
  name: 'דנה כהן',
  phone: '+972 4-123-4567',
  fulfilment: 'delivery' as const,
  address,
  wantedAt: '2026-11-27T19:30:00+02:00',
  note: 'No onions 🧅, please',
  tipCents: 200,
  locale: 'he' as const,
}
const faults = (details: object) =>
  PlaceOrder.safeParse({ ...order, ...details }).error?.issues.map(
    ({ path, message }) => `${path.join('.')} ${message}`,
  ) ?? []

describe('the details of an order', () => {
  it('are all optional, and come back as they are', () => {
    expect(faults({})).toEqual([])
    expect(PlaceOrder.parse({ ...order, ...delivery })).toEqual({ ...order, ...delivery })
  })

  it('are in one line each, without blanks around them', () => {
    const typed = { ...delivery, name: '  Dana\tCohen ', note: 'no onions\r\nring twice\n' }
    expect(PlaceOrder.parse({ ...order, ...typed })).toMatchObject({
      name: 'Dana Cohen',
      note: 'no onions ring twice',
    })
  })

  it.each([
    [{ name: ' ' }, 'name is empty'],
    [{ name: 'x'.repeat(101) }, 'name is longer than 100 characters'],
    [{ name: 'Dana\0' }, 'name has characters that are no text'],
    [{ note: '\ud800' }, 'note has characters that are no text'],
    [{ note: 'x'.repeat(501) }, 'note is longer than 500 characters'],
    [{ note: 'card 4242 4242-4242 4242' }, /^note has a card number in it/],
    [{ phone: 'later' }, /^phone is not a phone number/],
    [{ fulfilment: 'drone' }, /^fulfilment /],
    [{ fulfilment: 'delivery' }, /^address is needed/],
    [{ address }, /^fulfilment is needed/],
    [{ fulfilment: 'delivery', address: { street: 'Olive Street 5' } }, /^address\.city /],
    [{ fulfilment: 'delivery', address: { ...address, street: '' } }, 'address.street is empty'],
    [{ wantedAt: 'tonight' }, /^wantedAt /],
    [{ tipCents: -1 }, /^tipCents /],
    [{ tipCents: 0.5 }, /^tipCents /],
    [{ tipCents: 100_001 }, /^tipCents /],
    [{ locale: 'fr' }, /^locale /],
  ])('%j is refused, and the field is named', (wrong, fault) => {
    const [first = '', ...others] = faults(wrong)
    expect(others).toEqual([])
    expect(first).toMatch(typeof fault === 'string' ? new RegExp(`^${fault}$`) : fault)
    expect(first).not.toContain('4242')
  })

  it('go into the record by names of their own, those that are there', () => {
    const { wantedAt, tipCents, ...others } = delivery
    expect(detailsRecord(delivery)).toEqual({
      ...others,
      address: { street: address.street, city: address.city, postal_code: '31000' },
      wanted_at: wantedAt,
      tip_cents: tipCents,
    })
    expect(detailsRecord({ note: '', tipCents: 0 })).toEqual({})
  })

  it('have no address where the diner picks the order up', () => {
    expect(detailsRecord({ ...delivery, fulfilment: 'pickup' })).not.toHaveProperty('address')
  })

  it('are told to the kitchen without the tip and the language', () => {
    const { tip_cents: _, locale: __, ...others } = detailsRecord(delivery)
    expect(kitchenDetailsOf(detailsRecord(delivery))).toEqual(others)
  })
})

describe('a record', () => {
  const record = { email: 'diner@example.com', restaurant: 'Fig', credit_card: '4242424242424242' }
  const odd = {
    name: 5,
    phone: {},
    fulfilment: 'by drone',
    address: 'Olive Street',
    wanted_at: 'soon',
    note: [],
    tip_cents: -1,
    locale: 'xx',
  }

  it('of others may have anything by these names: it is an order without them', () => {
    const read = JSON.parse(JSON.stringify([Order.parse({ ...record, ...odd }), Order.parse(record)]))
    expect(read[0]).toEqual(read[1])
    expect(LenientConfirmedOrders.parse([{ ...record, ...odd }])[0]?.address).toBeUndefined()
  })

  it('has them as they were written', () => {
    const written = detailsRecord(delivery)
    expect(Order.parse({ ...record, ...written })).toMatchObject(written)
    expect(LenientConfirmedOrders.parse([{ ...record, ...written }])[0]).toMatchObject(written)
  })
})

describe('a phone number', () => {
  it.each([
    '+49 30 1234567',
    '030/123 45 67',
    '(04) 123-4567',
    '+972-54-123.4567',
    '112233',
    // Their digits would be those of a card.
    '+378282246310005',
    '+49 1512 3456784',
  ])('is %s', phone => expect(phoneFault(phone)).toBeUndefined())

  it.each(['', 'five', '12345', '+', '1234567890123456', '12+345678', '030 123\n4567', '3782 822463 10005'])(
    'is not %j',
    phone => expect(faultInWords(phoneFault(phone))).toMatch(/^is /),
  )
})

describe('a text', () => {
  it.each(['Call +49 1512 3456784', 'Flat 42, 4242', 'Ürün, 日本, שלום'])('may say %j', text =>
    expect(textFault(text, 500)).toBeUndefined(),
  )

  it.each(['4242424242424242', '+4242 4242 4242 4242'])('must not say %j', text =>
    expect(faultInWords(textFault(text, 500))).toMatch(/card number/),
  )
})

describe('a time', () => {
  const now = Date.parse('2026-11-27T12:00:00Z')

  it.each(['2026-11-27T12:00:01Z', '2026-11-27T15:00:00+02:00', '2026-12-04T12:00:00Z'])('can be %s', at =>
    expect(wantedAtFault(at, now)).toBeUndefined(),
  )

  it.each([
    ['2026-11-27T12:00:00Z', /in the past/],
    ['2026-11-27T13:00:00+02:00', /in the past/],
    ['2026-12-04T12:00:01Z', /within the next 7 days/],
    ['soon', /not a time/],
  ])('can not be %s', (at, fault) => expect(faultInWords(wantedAtFault(at, now))).toMatch(fault))
})

it('a tip is a whole amount, and no more than the dishes', () => {
  expect([tipFault(0, 0), tipFault(500, 500)]).toEqual([undefined, undefined])
  expect(faultInWords(tipFault(501, 500))).toMatch(/dishes/)
  expect(faultInWords(tipFault(100_001, 1_000_000))).toMatch(/more than can be given/)
  for (const tip of [-1, 0.5, Number.NaN]) expect(faultInWords(tipFault(tip, 500))).toMatch(/whole/)
})
