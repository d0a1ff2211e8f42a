import { CommandRequest, CookingOrder, type Order, QueueId } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { commandRecord } from './command.ts'

const card = '4242424242424242'
const soup = { id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }
const order = {
  restaurant: 'Fig',
  email: 'diner@example.com',
  credit_card: card,
  items: [soup],
  amount_cents: 1000,
  currency: 'EUR',
} satisfies Order

function command(more: object = {}, orderId = 'o-1', headers: Record<string, string> = {}) {
  const made = commandRecord(orderId, { ...order, ...more }, headers)
  const { id, message } = CommandRequest.parse(JSON.parse(String(made.value)))
  return { ...made, id, message, cooking: CookingOrder.parse(JSON.parse(message)) }
}

describe('the command of a paid order', () => {
  it('says what the kitchen has to know, and nothing else', () => {
    const placed_at = '2026-11-26T12:00:00.000Z'
    const { key, id, cooking } = command({ placed_at, tip_cents: 100, locale: 'he', table: 3 })
    expect([key, id]).toEqual(['Fig', 'o-1'])
    expect(cooking).toEqual({ restaurant: 'Fig', items: [{ name: 'Soup', quantity: 2 }], placed_at })
  })

  it.each(['4242424242424242', '4242 4242-4242\t4242', '4242\u00014242\n42424242'])(
    'shows no bare card number like %j, wherever the order has it',
    number => {
      const restaurant = `Fig ${number}`
      const items = [{ ...soup, name: `Soup ${card}` }]
      const made = command({ restaurant, items }, `o ${card}`, { correlation_id: card, traceparent: 'x' })
      expect(made.key).toBe('Fig ************4242')
      expect(made.id).toBe('o ************4242')
      expect(made.headers).toEqual({ correlation_id: '************4242', traceparent: 'x' })
      expect(made.cooking.items).toEqual([{ name: 'Soup ************4242', quantity: 2 }])
      expect(`${made.key}${made.value}`).not.toContain(card)
    },
  )

  it('says for whom it is, where it goes and when', () => {
    const details = {
      name: 'Dana',
      phone: '030 1234567',
      fulfilment: 'delivery',
      address: { street: 'Olive Street 5', city: 'Berlin' },
      wanted_at: '2026-11-27T19:30:00+01:00',
      note: `my card is ${card}`,
    }
    expect(command(details).cooking).toMatchObject({ ...details, note: 'my card is ************4242' })
  })

  it('leaves out the dishes where the queue would not take so long a message', () => {
    const items = Array.from({ length: 1_000 }, () => ({ ...soup, name: 'ö'.repeat(40) }))
    expect(command({ items: items.slice(0, 500) }).cooking.items).toHaveLength(500)
    expect(command({ items }).cooking).toEqual({ restaurant: 'Fig', items: [] })
    expect(command({ items, name: 'Dana' }).cooking).toEqual({ restaurant: 'Fig', items: [], name: 'Dana' })
    const note = 'x'.repeat(70_000)
    expect(command({ note }).cooking).toMatchObject({ restaurant: 'Fig', items: [{ name: 'Soup' }] })
  })

  it.each([
    [' Fig\t', 'Fig'],
    ['F\0i\r\ng', 'F i  g'],
    ['\n\t ', '-'],
    ['Fig \ud800', 'Fig \ufffd'],
    [`${'x'.repeat(199)}😀`, `${'x'.repeat(199)}\ufffd`],
    [`${'x'.repeat(199)} y`, 'x'.repeat(199)],
    [`${card} ${'x'.repeat(183)}`, `************4242 ${'x'.repeat(183)}`],
  ])('of the restaurant %j has a key that the queue takes, and the kitchen the same', (restaurant, key) => {
    const made = command({ restaurant })
    expect([made.key, made.cooking.restaurant]).toEqual([key, key])
    expect(QueueId.safeParse(key).success).toBe(true)
  })

  it('has an id that the queue takes, the same each time', () => {
    const { id } = command({}, ' o\n1 ')
    expect(id).toMatch(/^[\da-f]{32}$/)
    expect(command({}, ' o\n1 ').id).toBe(id)
    expect(command({}, 'o\n1').id).not.toBe(id)
  })
})
