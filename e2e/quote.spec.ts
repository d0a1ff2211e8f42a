import { expect, test } from '@playwright/test'
import { Quote } from 'kafka-restaurants-contracts'
import { cards, chooseFirstDish, fillIn, firstRestaurant, newDiner, placeOrder } from './platform.ts'

const readyIn = /^Ready in about \d+ min$/

test('before paying, a diner sees when the order would be ready', async ({ page, request }) => {
  await chooseFirstDish(page, await firstRestaurant(request))
  const order = page.getByRole('region', { name: 'Your order' })
  await expect(order.getByText(readyIn)).toBeVisible()
})

test('a quote is about the restaurant that was asked for, and a refusal is told as the kitchen says it', async ({
  request,
}) => {
  const ask = (data: object) => request.post('/api/quotes', { data, headers: { Prefer: 'wait=5' } })
  const names = Array.from({ length: 10 }, (_, index) => `Restaurant ${index}`)
  const answers = await Promise.all(names.map(restaurant => ask({ restaurant })))
  expect(answers.map(answer => answer.status())).toEqual(names.map(() => 200))
  const quotes = await Promise.all(answers.map(async answer => Quote.parse(await answer.json())))
  expect(quotes.map(({ restaurant }) => restaurant)).toEqual(names)

  const refused = await ask({ restaurant: '' })
  expect([refused.status(), refused.headers()['content-type']]).toEqual([
    422,
    expect.stringMatching('application/problem\\+json'),
  ])
})

test('an order is taken without a quote', async ({ page, request }) => {
  const asked: string[] = []
  await page.route('**/api/quotes', route => {
    asked.push(route.request().headers().prefer ?? '')
    return route.abort()
  })
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email: newDiner(), card: cards.good })
  await expect.poll(() => asked).toContain('wait=3')
  await expect(page.getByText(readyIn)).toHaveCount(0)
  await placeOrder(page)
})
