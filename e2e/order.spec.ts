import { expect, test } from '@playwright/test'
import { isSealed, PlaceOrder } from '../packages/contracts/src/index.ts'
import { cards, chooseFirstDish, fillIn, firstRestaurant, mailsTo, newDiner, placeOrder } from './platform.ts'

test('a diner orders, and the confirmation comes by mail', async ({ page, request }) => {
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseFirstDish(page, restaurant, 2)
  const total = new Intl.NumberFormat('en', { style: 'currency', currency: restaurant.currency })
  await expect(page.getByRole('status', { name: 'Total' })).toHaveText(
    total.format(((restaurant.menu[0]?.priceCents ?? 0) * 2) / 100),
  )

  await fillIn(page, { email, card: cards.good })
  await expect(page.getByLabel('Card number')).toHaveValue('4242 4242 4242 4242')
  const orderId = await placeOrder(page)
  await expect(page.getByText(email)).toBeVisible()

  const mails = await mailsTo(request, email)
  expect(mails).toHaveLength(1)
  const subject = `Your order at ${restaurant.name} is confirmed`
  expect(mails[0]?.subject).toBe(subject)
  expect(mails[0]?.text).toContain(orderId)

  await page.getByRole('link', { name: 'Open the inbox' }).click()
  await page.getByRole('link', { name: subject }).click()
  await expect(page.getByRole('heading', { name: subject })).toBeVisible()
  await expect(page.frameLocator('iframe').getByText(orderId)).toBeVisible()
})

test('no digit of the card but the last four leaves the browser', async ({ page, request }) => {
  const bodies: string[] = []
  page.on('request', sent => {
    expect(sent.url()).not.toContain(cards.good)
    const body = sent.postData()
    if (sent.method() === 'POST' && body) bodies.push(body)
  })
  const said: string[] = []
  page.on('console', message => said.push(message.text()))

  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email: newDiner(), card: cards.good })
  await placeOrder(page)

  expect(bodies).toHaveLength(1)
  const order = PlaceOrder.parse(JSON.parse(bodies[0] ?? ''))
  expect(isSealed(order.creditCard)).toBe(true)
  expect(order.cardLast4).toBe('4242')
  expect(bodies[0]?.match(/42424242/)).toBeNull()

  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  expect(`${page.url()} ${kept} ${said.join(' ')}`).not.toContain('42424242')
})

test('a declined card is told by mail, with the reason', async ({ page, request }) => {
  const email = newDiner()
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email, card: cards.withoutFunds })
  const orderId = await placeOrder(page)

  const [mail] = await mailsTo(request, email)
  expect(mail?.subject).toMatch(/could not be paid/)
  expect(mail?.text).toMatch(/not enough money on your card/)
  expect(mail?.text).toContain(orderId)
})

test('mistakes are shown next to their fields, and nothing is sent', async ({ page, request }) => {
  let orders = 0
  page.on('request', sent => {
    if (sent.method() === 'POST') orders++
  })
  const { id } = await firstRestaurant(request)
  await page.goto(`/restaurants/${id}`)
  const order = page.getByRole('button', { name: /^Order for / })
  const email = page.getByLabel('Email')
  const card = page.getByLabel('Card number')

  await order.click()
  await expect(page.getByText('Choose at least one dish.')).toBeVisible()
  await expect(email).toHaveAccessibleDescription('Enter the mail address for your confirmation.')
  await expect(card).toHaveAccessibleDescription('Enter your card number.')

  await page
    .getByRole('button', { name: /^Add one / })
    .first()
    .click()
  await fillIn(page, { email: 'diner@nowhere', card: '4242 4242 4242 4241' })
  await order.click()
  await expect(email).toHaveAttribute('aria-invalid', 'true')
  await expect(email).toBeFocused()
  await expect(email).toHaveAccessibleDescription(/not a mail address/)
  await expect(card).toHaveAttribute('aria-invalid', 'true')
  await expect(card).toHaveAccessibleDescription(/typing error/)

  await fillIn(page, { email: newDiner(), card: '4242 4242 4242' })
  await order.click()
  await expect(email).toHaveAttribute('aria-invalid', 'false')
  await expect(card).toHaveAccessibleDescription(/13 to 19 digits/)
  expect(orders).toBe(0)
})

test('an order without an answer is sent again as the same order, and charged once', async ({
  page,
  request,
}) => {
  const email = newDiner()
  const keys: (string | undefined)[] = []
  page.on('request', sent => {
    if (sent.method() === 'POST') keys.push(sent.headers()['idempotency-key'])
  })
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email, card: cards.good })

  await page.route('**/api/orders', async route => {
    await route.fetch()
    await route.abort()
  })
  await page.getByRole('button', { name: /^Order for / }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'no answer' })).toBeVisible()
  await expect(page.getByLabel('Email')).toHaveValue(email)

  await page.unroute('**/api/orders')
  await placeOrder(page)
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBeTruthy()
  expect(keys[1]).toBe(keys[0])
  expect(await mailsTo(request, email)).toHaveLength(1)
})

test('a double click is one order', async ({ page, request }) => {
  const email = newDiner()
  let orders = 0
  page.on('request', sent => {
    if (sent.method() === 'POST') orders++
  })
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email, card: cards.good })
  await page.getByRole('button', { name: /^Order for / }).dblclick()

  await expect(page.getByRole('heading', { name: 'Your order is in' })).toBeVisible()
  expect(orders).toBe(1)
  expect(await mailsTo(request, email)).toHaveLength(1)
})
