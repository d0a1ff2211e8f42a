import { type APIRequestContext, type Browser, expect, type Page, test } from '@playwright/test'
import {
  OrderAccepted,
  QueuedResource,
  type Restaurant,
  Ticket,
  TrackedOrder,
} from 'kafka-restaurants-contracts'
import { cards, menuOf, newDiner, restaurants } from './platform.ts'

/** How many orders a restaurant cooks at a time: `helm/files/limits.yaml`. */
const places = 2
const staff = { username: 'staff', password: process.env.KITCHEN_PASSWORD ?? '' }
test.use({ httpCredentials: staff })

/** A restaurant that nobody has ordered from: other journeys leave theirs with orders that are not ready. */
async function idleRestaurant(request: APIRequestContext) {
  const answer = await request.get('/api/kitchen/resources')
  const busy = QueuedResource.array().parse(await answer.json())
  const all = await restaurants(request)
  const idle = all.findLast(({ name }) => !busy.some(({ resourceId }) => resourceId === name))
  if (!idle) throw new Error('every restaurant has orders')
  return menuOf(request, idle.id)
}

/** Orders, and waits until it is in the kitchen or in line: so orders are paid one after another. */
async function order(request: APIRequestContext, { id, menu }: Restaurant, status: 'queued' | 'cooking') {
  const answer = await request.post('/api/orders', {
    data: {
      restaurant: id,
      email: newDiner(),
      creditCard: cards.good,
      items: [{ id: menu[0]?.id, quantity: 2 }],
    },
  })
  const { orderId } = OrderAccepted.parse(await answer.json())
  await expect.poll(() => statusOf(request, orderId), { timeout: 30_000 }).toBe(status)
  return orderId
}

async function statusOf(request: APIRequestContext, orderId: string) {
  const answer = await request.get(`/api/orders/${orderId}`)
  return answer.ok() ? TrackedOrder.parse(await answer.json()).status : undefined
}

async function ticketOf(request: APIRequestContext, orderId: string) {
  const tickets = Ticket.array().parse(await (await request.get('/api/kitchen/tickets')).json())
  return tickets.find(ticket => ticket.orderId === orderId)
}

/** What a kitchen calls an order. */
const short = (orderId: string) => orderId.slice(0, 8)
const ordersIn = (page: Page, list: string) => page.getByRole('list', { name: list }).locator('> li')
const ready = (page: Page, orderId: string) =>
  page.getByRole('button', { name: `Ready: order ${short(orderId)}` })
const openBoard = (page: Page, { name }: Restaurant) =>
  page.goto(`/kitchen?restaurant=${encodeURIComponent(name)}`)

/** An order's page in a browser of its own, as its diner has it. */
async function orderPage(browser: Browser, orderId: string) {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`/orders/${orderId}`)
  return page
}

test('a ticket says for whom it is, where it goes and what its diner asks for', async ({ page, request }) => {
  const restaurant = await idleRestaurant(request)
  const { delivery } = restaurant
  const answer = await request.post('/api/orders', {
    data: {
      restaurant: restaurant.id,
      email: newDiner(),
      creditCard: cards.good,
      items: [{ id: restaurant.menu[0]?.id, quantity: 2 }],
      name: 'Dana Cohen',
      phone: '+49 30 1234567',
      fulfilment: delivery ? 'delivery' : 'pickup',
      ...(delivery && { address: { street: 'Olive Street 5', city: 'Berlin', postalCode: '10115' } }),
      note: 'No onions, please',
    },
  })
  const { orderId } = OrderAccepted.parse(await answer.json())
  await openBoard(page, restaurant)
  const ticket = ordersIn(page, `Cooking at ${restaurant.name}`).filter({ hasText: short(orderId) })
  for (const text of [
    'Dana Cohen',
    '+49 30 1234567',
    'No onions, please',
    delivery ? '10115 Berlin' : 'Pick-up',
  ])
    await expect(ticket).toContainText(text)
  await ready(page, orderId).click()
  await expect(ordersIn(page, `Ready at ${restaurant.name}`).filter({ hasText: 'Dana Cohen' })).toBeVisible()
})

test('two orders cook, the others wait in line, and each moves up when the staff says that one is ready', async ({
  page,
  request,
  browser,
}) => {
  test.setTimeout(120_000)
  const restaurant = await idleRestaurant(request)
  const orderIds: string[] = []
  for (let count = 0; count < 6; count++)
    orderIds.push(await order(request, restaurant, count < places ? 'cooking' : 'queued'))
  const names = orderIds.map(short).map(name => new RegExp(name))

  await openBoard(page, restaurant)
  const cooking = ordersIn(page, `Cooking at ${restaurant.name}`)
  const inLine = ordersIn(page, `In line at ${restaurant.name}`)
  const done = ordersIn(page, `Ready at ${restaurant.name}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(cooking).toHaveText(names.slice(0, 2))
  await expect(cooking.first()).toContainText(`2 × ${restaurant.menu[0]?.name}`)
  await expect(cooking.first()).toContainText('on time')
  await expect(inLine).toHaveText(names.slice(2))
  await expect(page.getByText('The kitchen plays by itself')).toHaveCount(0)

  const waiting = await Promise.all(orderIds.slice(places).map(id => orderPage(browser, id)))
  const seePlaces = (from: number) =>
    Promise.all(
      waiting
        .slice(from)
        .map((diner, index) =>
          expect(diner.getByRole('status').first()).toContainText(
            `You are number ${index + 1} in line at ${restaurant.name}.`,
          ),
        ),
    )
  await seePlaces(0)

  for (const [pressed, orderId] of orderIds.entries()) {
    await ready(page, orderId).click()
    await expect(done.first()).toContainText(short(orderId))
    const started = waiting[pressed]
    if (started) {
      await expect(started.getByRole('heading', { level: 1 })).toHaveText('Your order is cooking')
      await seePlaces(pressed + 1)
    }
    await expect(cooking).toHaveText(names.slice(pressed + 1, pressed + 1 + places))
    await expect.poll(() => statusOf(request, orderId), { timeout: 15_000 }).toBe('ready')
  }
  for (const diner of waiting) {
    await expect(diner.getByRole('heading', { level: 1 })).toHaveText('Your order is ready')
    await diner.context().close()
  }
})

test('"ready" that does not reach the kitchen is taken back, and can be pressed again by keyboard', async ({
  page,
  request,
}) => {
  const restaurant = await idleRestaurant(request)
  const orderId = await order(request, restaurant, 'cooking')
  await openBoard(page, restaurant)
  await page.route('**/ready', route => route.abort())
  await ready(page, orderId).click()
  await expect(page.getByRole('alert').filter({ hasText: short(orderId) })).toContainText('did not reach')
  expect((await ticketOf(request, orderId))?.state).toBe('cooking')

  await page.unroute('**/ready')
  await ready(page, orderId).focus()
  await page.keyboard.press('Enter')
  await expect(ordersIn(page, `Ready at ${restaurant.name}`).first()).toContainText(short(orderId))
  await expect(page.getByRole('heading', { level: 2, name: restaurant.name })).toBeFocused()
  expect((await ticketOf(request, orderId))?.state).toBe('ready')
})

test('a board that is cut off says so, and shows what it has missed once it is back', async ({
  page,
  context,
  request,
}) => {
  const restaurant = await idleRestaurant(request)
  await openBoard(page, restaurant)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await context.setOffline(true)
  await expect(page.getByText('Not live')).toBeVisible()

  const orderId = await order(request, restaurant, 'cooking')
  await context.setOffline(false)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await ready(page, orderId).click()
  await expect.poll(() => statusOf(request, orderId)).toBe('ready')
})

test('whoever is not of the staff sees no board, and presses nothing', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ httpCredentials: { ...staff, password: 'wrong' } })
  const stranger = await context.newPage()
  expect((await stranger.goto('/kitchen'))?.status()).toBe(401)
  await context.close()

  for (const login of ['', 'staff:', 'staff:wrong', `cook:${staff.password}`]) {
    const headers = { 'x-kitchen-board': 'yes', ...(login && { authorization: `Basic ${btoa(login)}` }) }
    for (const [method, path] of [
      ['GET', '/kitchen'],
      ['GET', '/api/kitchen/tickets'],
      ['GET', '/api/kitchen/settings'],
      ['GET', '/api/kitchen/resources'],
      ['POST', '/api/kitchen/tickets/any/ready'],
    ] as const) {
      const answer = await fetch(`${baseURL}${path}`, { method, headers })
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([
        path,
        401,
        'Basic realm="kitchen"',
      ])
    }
  }
})

test.describe('a page without the rules that the site gives its own (CSP)', () => {
  test.use({ bypassCSP: true })

  test('of another origin presses nothing, though the staff is logged in in that browser', async ({
    page,
    request,
    baseURL: site = '',
  }) => {
    const { hostname } = new URL(site)
    test.skip(!['localhost', '127.0.0.1'].includes(hostname), 'the site has one name')
    const elsewhere = site.replace(hostname, hostname === 'localhost' ? '127.0.0.1' : 'localhost')
    const restaurant = await idleRestaurant(request)
    const orderId = await order(request, restaurant, 'cooking')
    await openBoard(page, restaurant)
    await expect(ready(page, orderId)).toBeVisible()

    await page.goto(elsewhere)
    const url = `${site}/api/kitchen/tickets/${orderId}/ready`
    const outcomes = await page.evaluate(async to => {
      const press = (init: RequestInit) =>
        fetch(to, { method: 'POST', credentials: 'include', ...init }).then(
          ({ type }) => type,
          () => 'refused',
        )
      return [
        await press({ mode: 'no-cors' }),
        await press({ mode: 'no-cors', headers: { 'x-kitchen-board': 'yes' } }),
        await press({ headers: { 'x-kitchen-board': 'yes' } }),
      ]
    }, url)
    expect(outcomes).toEqual(['opaque', 'opaque', 'refused'])
    expect((await ticketOf(request, orderId))?.state).toBe('cooking')

    await openBoard(page, restaurant)
    await ready(page, orderId).click()
    await expect.poll(() => statusOf(request, orderId)).toBe('ready')
  })
})
