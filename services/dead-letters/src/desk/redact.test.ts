import { redactedText } from 'kafka-restaurants-service'
import { expect, it } from 'vitest'
import { redactedReason, redactedValue } from './redact.ts'

const card = '4242424242424242'
const diner = {
  order_id: '0b2c',
  restaurant: 'Olive & Thyme',
  email: 'dana@example.com',
  name: 'Dana Cohen',
  phone: '+49 30 1234567',
  address: { street: 'Olive Street 5', city: 'Berlin', postal_code: '10115' },
  note: 'the blue door',
  items: [{ id: 'masabacha', name: 'Masabacha', quantity: 2 }],
}
const secrets = ['dana@', 'Dana Cohen', '1234567', 'Olive Street', '10115', 'blue door', card]

it('hides of a value what is personal, and shows all else', () => {
  const shown = redactedValue(JSON.stringify({ ...diner, other: card, number: Number(card) }))
  for (const secret of secrets) expect(shown).not.toContain(secret)
  expect(JSON.parse(shown)).toMatchObject({
    restaurant: 'Olive & Thyme',
    email: 'd…@example.com',
    name: '…',
    items: [{ name: 'Masabacha', quantity: 2 }],
    other: '************4242',
  })
})

it.each([
  ['a list', JSON.stringify([diner])],
  ['JSON in a text', JSON.stringify({ id: '1', message: JSON.stringify(diner) })],
  [
    'JSON in a text in a text',
    JSON.stringify({ message: JSON.stringify({ message: JSON.stringify(diner) }) }),
  ],
  ['what is cut', JSON.stringify(diner).slice(0, -40)],
  ['what is cut in a field', '{"order_id":"1","name":"Dana Cohen, of the long na'],
  ['what is broken', `${JSON.stringify(diner)}}`],
  ['JSON in a text that is cut', JSON.stringify({ message: JSON.stringify(diner) }).slice(0, -30)],
  ['quotes within', `{"name": "Dana Cohen \\"D'Arcy\\" Dana Cohen", "phone": "+49 30 1234567`],
  ['single quotes', "{'name': 'Dana Cohen', 'email': 'dana@example.com'}"],
  ['other names', JSON.stringify({ firstName: 'Dana Cohen', postalCode: '10115', Phone: '+49 30 1234567' })],
])('hides it in %s, too', (_what, text) => {
  const shown = redactedValue(text)
  for (const secret of secrets) expect(shown, secret).not.toContain(secret)
})

it('survives what is deeper than the stack, and still hides', () => {
  const deep = `${'['.repeat(50_000)}"dana@example.com"${']'.repeat(50_000)}`
  expect(redactedValue(deep)).not.toContain('dana@')
})

it.each([
  ['to dana@example.com', 'to d…@example.com'],
  ['<dana.cohen+x@mail.example.co.il>', '<d…@mail.example.co.il>'],
  ['a=dana%40example.com&b=1', 'a=d…@example.com&b=1'],
  ['דנה@דוגמה.קום', 'ד…@דוגמה.קום'],
  ['dana@163.com', 'd…@163.com'],
  ['dana@localhost', 'd…@localhost'],
  ['order-3@42 and order.dead-letters-3@17', 'order-3@42 and order.dead-letters-3@17'],
  [`card ${card}`, 'card ************4242'],
  ['', ''],
])('of %j it shows %j', (text, shown) => {
  expect(redactedText(text)).toBe(shown)
})

it('takes reasons that differ by the address alone for the same', () => {
  expect(redactedReason('550 No such mailbox: dana@example.com')).toBe('550 No such mailbox: …')
  expect(redactedReason('550 No such mailbox: noa@example.org')).toBe('550 No such mailbox: …')
})

it('takes time that grows with the text alone', () => {
  for (const text of [
    'a@'.repeat(200_000),
    '"name":"'.repeat(100_000),
    'a'.repeat(1_000_000),
    '\\'.repeat(300_000),
  ]) {
    const startedAt = performance.now()
    redactedValue(text)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  }
})
