import { type APIRequestContext, expect, type Page, type Route, test } from '@playwright/test'
import { money, TrackedOrder } from 'kafka-restaurants-contracts'
import {
  cards,
  chooseFirstDish,
  fillIn,
  firstRestaurant,
  mailsTo,
  newDiner,
  placeOrder,
  progress,
  seePaid,
} from './platform.ts'

const bankAdminUrl = process.env.BANK_ADMIN_URL ?? 'http://127.0.0.1:5015'

/** While the bank is away, orders stay as they were placed. */
async function setBank(request: APIRequestContext, mode: 'away' | 'normal') {
  const answer = await request.put(`${bankAdminUrl}/mode`, { data: { mode } })
  expect(answer.ok()).toBe(true)
}
test.afterEach(({ request }) => setBank(request, 'normal'))

/** Orders the first dish of the first restaurant. */
async function order(page: Page, request: APIRequestContext, card = cards.good) {
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseFirstDish(page, restaurant)
  await fillIn(page, { email, card })
  const orderId = await placeOrder(page)
  return {
    restaurant,
    email,
    orderId,
    total: money(restaurant.menu[0]?.priceCents ?? 0, restaurant.currency),
  }
}

/** What screen readers are told of the order. */
const news = (page: Page) => page.getByRole('status').filter({ has: page.getByRole('heading', { level: 1 }) })

/** Paid, and maybe in the kitchen already. */
const paid = /(Paid|Queued|Cooking)Order again$/

const ofOrders = '**/api/orders/*'
const isStream = (route: Route) => route.request().headers().accept === 'text/event-stream'

test('an order is followed from placed to paid on the same page, and each change is said', async ({
  page,
  request,
}) => {
  await setBank(request, 'away')
  const { restaurant, total } = await order(page, request)
  await expect(progress(page)).toHaveText([/^Placed/, /^Payment is on its way/])
  await expect(progress(page).last()).toHaveAttribute('aria-current', 'step')
  await expect(news(page)).toHaveAttribute('aria-live', 'polite')
  await expect(news(page)).toContainText(
    `We have your order at ${restaurant.name}, and are charging your card.`,
  )
  await expect(page.getByText('This page keeps itself up to date.')).toBeVisible()

  await page.evaluate('globalThis.isSamePage = true')
  const below = page.getByRole('link', { name: 'All restaurants' })
  const before = await below.boundingBox()
  await setBank(request, 'normal')
  await seePaid(page)
  await expect(news(page)).toContainText(`${total} was charged to your card ending in 4242.`)
  expect(await page.evaluate('globalThis.isSamePage')).toBe(true)
  expect(await below.boundingBox()).toEqual(before)
})

test('a declined order says why, and that it is over', async ({ page, request }) => {
  await order(page, request, cards.withoutFunds)
  await expect(progress(page)).toHaveText([/^Placed/, /^Declined/])
  await expect(news(page)).toContainText('There is not enough money on your card. Nothing was charged')
  await expect(page.getByText('Nothing will change here any more.')).toBeVisible()
})

test('whoever has the link sees the order, without the whole mail address', async ({
  page,
  request,
  browser,
}) => {
  const { restaurant, email, orderId, total } = await order(page, request)
  await seePaid(page)
  await page.reload()
  await seePaid(page)
  await expect(page.getByText(email, { exact: true })).toBeVisible()

  const other = await browser.newContext()
  try {
    const stranger = await other.newPage()
    await stranger.goto(page.url())
    await seePaid(stranger)
    const details = stranger.getByRole('region', { name: 'What was ordered' })
    for (const fact of [
      restaurant.name,
      orderId,
      'd…@example.com',
      'ending in 4242',
      `1 × ${restaurant.menu[0]?.name}`,
      `Total${total}`,
    ]) {
      await expect(details).toContainText(fact)
    }
    await expect(stranger.getByText(email)).toHaveCount(0)
    await expect(stranger.getByRole('link', { name: 'Open the inbox' })).not.toHaveAttribute('href', /to=/)
  } finally {
    await other.close()
  }
})

test('a page that was offline says so, and shows what it has missed once it is back', async ({
  page,
  context,
  request,
}) => {
  await setBank(request, 'away')
  const { email } = await order(page, request)
  await expect(page.getByText('This page keeps itself up to date.')).toBeVisible()

  await context.setOffline(true)
  await expect(page.getByText('The connection is lost.')).toBeVisible()
  await setBank(request, 'normal')
  await mailsTo(request, email)
  await expect(progress(page)).toHaveText([/^Placed/, /^Payment/])

  await context.setOffline(false)
  await expect(page.getByText('The connection is back.')).toBeVisible()
  await seePaid(page)
})

test('a tab that nobody sees lets go of its stream, and shows what it has missed when it is seen', async ({
  page,
  request,
}) => {
  const setHidden = (isHidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} })
      document.dispatchEvent(new Event('visibilitychange'))
    `)
  await setBank(request, 'away')
  const { email } = await order(page, request)
  await expect(page.getByText('This page keeps itself up to date.')).toBeVisible()

  await setHidden(true)
  await setBank(request, 'normal')
  await mailsTo(request, email)
  await expect(progress(page)).toHaveText([/^Placed/, /^Payment/])
  await setHidden(false)
  await seePaid(page)
  await expect(page.getByText('The connection is lost.')).toHaveCount(0)
})

for (const { how, fail } of [
  { how: 'breaks', fail: (route: Route) => route.abort() },
  { how: 'is refused', fail: (route: Route) => route.fulfill({ status: 503, json: {} }) },
  { how: 'ends', fail: (route: Route) => route.fulfill({ contentType: 'text/event-stream', body: ':\n\n' }) },
]) {
  test(`a stream that ${how} is opened again, and goes on`, async ({ page, request }) => {
    await setBank(request, 'away')
    let failures = 0
    await page.route(ofOrders, route => {
      if (!isStream(route)) return route.continue()
      failures++
      return fail(route)
    })
    await order(page, request)
    await expect(page.getByText('The connection is lost.')).toBeVisible()
    await expect.poll(() => failures).toBeGreaterThan(1)
    await expect(progress(page)).toHaveText([/^Placed/, /^Payment/])

    await page.unroute(ofOrders)
    await expect(page.getByText('The connection is back.')).toBeVisible()
    await setBank(request, 'normal')
    await seePaid(page)
  })
}

test('an order that is not known yet is in all the same, and followed once it is', async ({
  page,
  request,
}) => {
  await page.route(ofOrders, route => route.fulfill({ status: 404, json: {} }))
  const { email } = await order(page, request)
  await expect(page.getByRole('heading', { name: 'Your order is in' })).toBeVisible()
  await expect(page.getByText('How far it is can’t be told yet.')).toBeVisible()
  await expect(page.getByText(email, { exact: true })).toBeVisible()

  await page.unroute(ofOrders)
  await seePaid(page)
})

test('an order that nobody knows is not said to be in', async ({ page }) => {
  await page.goto('/orders/0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11')
  await expect(page.getByRole('heading', { name: 'Looking for the order…' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'No such order is known here' })).toBeVisible()
  await expect(progress(page)).toHaveCount(0)

  const malformed = await page.goto('/orders/no-such-order')
  expect(malformed?.status()).toBe(404)
})

test('while orders can’t be reached their page says so, and shows the order after', async ({
  page,
  request,
  browser,
}) => {
  await order(page, request)
  const other = await browser.newContext()
  try {
    const stranger = await other.newPage()
    await stranger.route(ofOrders, route => route.abort())
    await stranger.goto(page.url())
    await expect(stranger.getByRole('alert').filter({ hasText: 'can’t be reached' })).toBeVisible()
    await stranger.unroute(ofOrders)
    await seePaid(stranger)
  } finally {
    await other.close()
  }
})

test('a browser lists its own orders, the newest first, until it is told to forget them', async ({
  page,
  request,
}) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Your orders' }).click()
  await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible()

  const first = await order(page, request)
  await seePaid(page)
  const second = await order(page, request, cards.withoutFunds)
  const kept: object[] = JSON.parse(await page.evaluate('localStorage.getItem("orders")'))
  const { orderId, restaurant, total } = second
  const again = { page: restaurant.id, cart: { [restaurant.menu[0]?.id ?? '']: 1 } }
  expect(kept[0]).toEqual({ orderId, restaurant: restaurant.name, total, at: expect.any(String), ...again })
  expect(await page.evaluate('Object.keys(localStorage)')).toEqual(['orders'])

  await page.getByRole('link', { name: 'Your orders' }).click()
  const items = page.getByRole('list', { name: 'Your orders' }).getByRole('listitem')
  await expect(items).toHaveText([/DeclinedOrder again$/, paid])
  await expect(items.last()).toContainText(first.restaurant.name)
  await expect(items.last()).toContainText(first.total)
  await items.last().getByRole('link').click()
  await expect(page).toHaveURL(new RegExp(`/orders/${first.orderId}$`))
  await seePaid(page)

  await page.goto('/orders')
  await page.getByRole('button', { name: 'Forget them on this browser' }).click()
  await expect(page.getByRole('heading', { name: 'Forgotten on this browser' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible()
})

test('orders whose state can’t be reached are listed all the same, and asked for again', async ({
  page,
  request,
}) => {
  await order(page, request)
  await seePaid(page)
  await page.route(ofOrders, route => route.abort())
  await page.goto('/orders')
  const alert = page.getByRole('alert').filter({ hasText: 'can’t be reached' })
  await expect(alert).toBeVisible()
  const items = page.getByRole('list', { name: 'Your orders' }).getByRole('listitem')
  await expect(items).toHaveText([/Not reachedOrder again$/])

  await page.unroute(ofOrders)
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(items).toHaveText([paid])
  await expect(alert).toHaveCount(0)
})

test('who orders over HTTP may wait for the outcome, and is told where to ask for the order', async ({
  request,
}) => {
  const { id } = await firstRestaurant(request)
  for (const [creditCard, status, code, said] of [
    [cards.good, 'paid', 200, { status: 'paid' }],
    [cards.withoutFunds, 'declined', 402, { orderStatus: 'declined', reason: 'insufficient_funds' }],
  ] as const) {
    const answer = await request.post('/api/orders', {
      headers: { Prefer: 'wait=20' },
      data: { restaurant: id, email: newDiner(), creditCard },
    })
    expect(answer.status()).toBe(code)
    expect(await answer.json()).toMatchObject(said)
    expect(answer.headers()['preference-applied']).toBe('wait=20')
    // Tracking reads the same outcome, and may be a moment behind: it waits for an order that it does not know yet, if asked to.
    const order = new URL(answer.headers().location ?? '', answer.url()).href
    const statuses = async () => {
      const known = await request.get(order, { headers: { Prefer: 'wait=20' } })
      const { history } = TrackedOrder.parse(await known.json())
      return history.map(change => change.status)
    }
    await expect.poll(statuses).toContain(status)
  }
})
