import { describe, expect, it } from 'vitest'
import { type KeptTicket, NewOrder, takeOrder } from './new-order.ts'

const now = new Date('2030-01-01T12:00:00.000Z')
const order = {
  orderId: 'order-1',
  restaurant: 'Olive',
  items: [{ name: 'Soup', quantity: 2 }],
  details: { name: 'Dana', fulfilment: 'pickup' as const },
  fence: 5,
}
function ticketOf({ orderId, restaurant, items, details }: NewOrder) {
  return { orderId, restaurant, items, ...details }
}
const kept: KeptTicket = {
  ticket: { ...ticketOf(order), state: 'ready', cookingAt: now.toISOString(), readyAt: now.toISOString() },
  fence: 5,
}

describe('an order', () => {
  const message = (value: unknown) => ({ id: 'order-1', message: JSON.stringify(value) })
  const faults = (value: unknown) => NewOrder.safeParse(value).error?.issues.map(({ path }) => path.join('.'))

  it('is read from a command, of its dishes name and quantity alone', () => {
    const items = [{ name: 'Soup', quantity: 2, price_cents: 500 }]
    const said = { restaurant: 'Olive', items, ...order.details, tip_cents: 100, table: 3 }
    const command = { ...message(said), fence: 5, more: true }
    expect(NewOrder.parse(command)).toEqual(order)
  })

  it('says for whom it is and where it goes, as far as that can be read', () => {
    const address = { street: 'Olive Street 5', city: 'Berlin', postal_code: '10115' }
    const said = {
      restaurant: 'Olive',
      fulfilment: 'delivery',
      address,
      note: 'ring twice',
      wanted_at: 'soon',
      name: 5,
    }
    expect(NewOrder.parse(message({ ...said, address: { ...address, planet: 'Earth' } })).details).toEqual({
      fulfilment: 'delivery',
      address,
      note: 'ring twice',
    })
  })

  it('may begin with a byte order mark, and have no dishes', () => {
    expect(NewOrder.parse({ id: 'a', message: '\ufeff{"restaurant":"Olive"}' })).toMatchObject({ items: [] })
  })

  it('is refused with the names of what is wrong', () => {
    expect(faults({ id: ' a', message: '{', fence: -1 })).toEqual(['id', 'message', 'fence'])
    expect(faults(message('Olive'))).toEqual(['message'])
    expect(faults(message({ restaurant: 'a\nb' }))).toEqual(['message.restaurant'])
    expect(faults(message({ restaurant: 'a', items: [{ name: 'Soup', quantity: 0 }] }))).toEqual([
      'message.items.0.quantity',
    ])
  })
})

describe('a ticket', () => {
  it('is made of an order the first time', () => {
    expect(takeOrder(order, undefined, now)).toEqual({
      outcome: 'new',
      kept: {
        ticket: { ...ticketOf(order), state: 'cooking', cookingAt: now.toISOString() },
        fence: 5,
      },
    })
  })

  it.each([5, 4, undefined])('is as it was after a repeat with the fence %s', fence => {
    expect(takeOrder({ ...order, items: [], fence }, kept, now)).toEqual({ outcome: 'known', kept })
  })

  it('has the newer fence after its command was started again, and stays what it is', () => {
    const again = { ...order, items: [], fence: 6 }
    expect(takeOrder(again, kept, now)).toEqual({ outcome: 'restarted', kept: { ...kept, fence: 6 } })
    const without = { ...kept, fence: undefined }
    expect(takeOrder({ ...order, fence: 0 }, without, now)).toMatchObject({ outcome: 'restarted' })
  })

  it('is not another restaurant’s', () => {
    expect(takeOrder({ ...order, restaurant: 'Thyme' }, kept, now)).toEqual({ outcome: 'elsewhere' })
  })
})
