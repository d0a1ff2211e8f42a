import fc from 'fast-check'
import { Problem, Quote, Ticket } from 'kafka-restaurants-contracts'
import {
  howMany,
  json,
  muchJson,
  nearly,
  oddBytes,
  oddJson,
  oddText,
  withEach,
} from 'kafka-restaurants-contracts/fuzz'
import { describe, expect, it } from 'vitest'
import { command, startKitchen } from './kitchen.ts'

const count = howMany(10_000)

it(`of ${count} generated commands each is a ticket or refused with a reason`, async () => {
  const kitchen = await startKitchen()
  const restaurant = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('Olive', 'Thyme') }, oddText)
  const item = nearly({ name: json(oddText), quantity: json(fc.integer({ min: 1, max: 99 })) })
  const items = fc.array(item, { maxLength: 3 }).map(all => `[${all.join()}]`)
  const message = fc.oneof(
    { weight: 8, arbitrary: nearly({ restaurant: json(restaurant), items }) },
    nearly({
      restaurant: json(restaurant),
      items,
      name: json(oddText),
      note: json(oddText),
      address: oddJson,
    }),
    oddText,
    oddJson,
  )
  const id = fc.oneof({ weight: 4, arbitrary: fc.uuid() }, fc.constant('same'), oddText)
  const body = nearly({ id: json(id), message: json(message), fence: json(fc.nat()) })
  const made = new Set<string>()

  await withEach(oddBytes(body), count, async bytes => {
    const response = await kitchen.post('/tickets', bytes)
    const answer = await response.json()
    if (response.status < 300) {
      const { orderId } = Ticket.parse(answer)
      if (response.status === 201) made.add(orderId)
      return
    }
    expect(response.headers.get('content-type')).toMatch('application/problem+json')
    expect(Problem.parse(answer).status).toBe(response.status)
    expect([400, 409, 413, 422]).toContain(response.status)
  })
  expect(made.size).toBeGreaterThan(count / 10)
  expect(await kitchen.metric('kitchen_tickets{state="cooking"}')).toBe(made.size)
  expect((await kitchen.list()).length).toBe(Math.min(500, made.size))
}, 120_000)

it('any JSON, also very much of it, is answered by every call, and no 5xx', async () => {
  const kitchen = await startKitchen()
  const value = fc.oneof(oddJson, muchJson)
  const asMessage = value.map(text => JSON.stringify({ id: 'a', message: text }))
  const inItem = value.map(more => {
    const message = `{"restaurant":"Olive","items":[{"name":"Soup","quantity":1,"more":${more}}]}`
    return JSON.stringify({ id: 'b', message })
  })
  const call = fc.record({
    path: fc.constantFrom('/tickets', '/quotes'),
    body: fc.oneof(value, asMessage, inItem),
  })
  await withEach(call, 200, async ({ path, body }) => {
    const response = await kitchen.post(path, body)
    expect(response.status).toBeLessThan(500)
    await response.arrayBuffer()
  })
  const odd = fc.record({ restaurant: oddText, state: fc.constantFrom('', '&state=ready', '&state=eaten') })
  await withEach(odd, 200, async ({ restaurant, state }) => {
    const query = `?restaurant=${encodeURIComponent(restaurant.toWellFormed())}${state}`
    const { status } = await fetch(`${kitchen.url}/tickets${query}`)
    expect([200, 422]).toContain(status)
    expect([200, 404]).toContain(
      (await kitchen.ready(restaurant.toWellFormed().replace(/^\.*$/, 'dots'))).status,
    )
    const quote = await kitchen.post('/quotes', { restaurant })
    if (quote.status === 200) Quote.parse(await quote.json())
    else expect(quote.status).toBe(422)
  })
  expect((await kitchen.take('a good one')).status).toBe(201)
}, 60_000)

describe('a bad request', () => {
  const bad: [what: string, status: number, path: string, body?: string][] = [
    ['no JSON', 400, '/tickets', '{'],
    ['no body', 422, '/tickets'],
    ['a bare value', 422, '/tickets', '5'],
    ['too much', 413, '/tickets', JSON.stringify(command('x'.repeat(200_000)))],
    ['no restaurant', 422, '/quotes', '{}'],
    ['an unknown ticket', 404, '/tickets/none/ready'],
    ['a path that is no text', 400, '/tickets/%ff/ready'],
    ['an unknown path', 404, '/ticket'],
    ['another method', 405, '/settings'],
  ]
  it('is answered with a problem that says what is wrong', async () => {
    const kitchen = await startKitchen()
    for (const [what, status, path, body] of bad) {
      const response = await kitchen.post(path, body)
      expect([what, response.status]).toEqual([what, status])
      expect(Problem.parse(await response.json()).status).toBe(status)
    }
    const response = await kitchen.post('/tickets', {
      id: 'a',
      message: '{"items":[{"name":"Soup"}]}',
      fence: 0.5,
    })
    const { errors } = Problem.parse(await response.json())
    expect(errors?.map(({ field }) => field)).toEqual([
      'message.restaurant',
      'message.items.0.quantity',
      'fence',
    ])
  })
})
