import { type APIRequestContext, expect, type Page, type Request, test } from '@playwright/test'
import {
  isSealed,
  money,
  OrderAccepted,
  OrderDeclined,
  PlaceOrder,
  TrackedOrder,
} from 'kafka-restaurants-contracts'
import {
  cards,
  chooseFirstDish,
  fillCard,
  fillIn,
  firstRestaurant,
  mailsTo,
  menuOf,
  newDiner,
  placeOrder,
  restaurants,
  seePaid,
} from './platform.ts'

/** Whether it is an order; the page asks for quotes, too. */
const isOrder = (sent: Request) => sent.method() === 'POST' && sent.url().endsWith('/api/orders')

/** The Idempotency-Keys of all orders that the page sends. */
function keysSent(page: Page) {
  const keys: (string | undefined)[] = []
  page.on('request', sent => {
    if (isOrder(sent)) keys.push(sent.headers()['idempotency-key'])
  })
  return keys
}

/** Chooses a dish, and fills all in. `keys` are those of all orders that the page sends from then on. */
async function readyToOrder(page: Page, request: APIRequestContext) {
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  const keys = keysSent(page)
  await chooseFirstDish(page, restaurant)
  await fillIn(page, { email, card: cards.good })
  return { restaurant, email, keys }
}

/** Journeys on which the page has to seal the card itself, and keeps it sealed: without TLS a browser can't. */
const sealed = { tag: '@sealed' }

test('a diner orders, and the confirmation comes by mail', async ({ page, request }) => {
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseFirstDish(page, restaurant, 2)
  const total = money((restaurant.menu[0]?.priceCents ?? 0) * 2, restaurant.currency)
  await expect(page.getByRole('status', { name: 'Total' })).toHaveText(total)

  await fillIn(page, { email, card: cards.good })
  await expect(page.getByLabel('Card number')).toHaveValue('4242 4242 4242 4242')
  const orderId = await placeOrder(page)
  await seePaid(page)
  await expect(page.getByText(email, { exact: true })).toBeVisible()

  const mails = await mailsTo(request, email)
  expect(mails).toHaveLength(1)
  const subject = `Order confirmed: ${restaurant.name}`
  expect(mails[0]?.subject).toBe(subject)
  expect(mails[0]?.text).toContain(orderId)
  expect(mails[0]?.text).toContain(`Total: ${total}\n`)

  await page.getByRole('link', { name: 'Open the inbox' }).click()
  await page.getByRole('link', { name: subject }).click()
  await expect(page.getByRole('heading', { name: subject })).toBeVisible()
  await expect(page.frameLocator('iframe').getByText(orderId)).toBeVisible()
})

test('no digit of the card but the last four leaves the browser', sealed, async ({ page, request }) => {
  const bodies: string[] = []
  page.on('request', sent => {
    expect(sent.url()).not.toContain(cards.good)
    const body = sent.postData()
    if (isOrder(sent) && body) bodies.push(body)
    else expect(body ?? '').not.toContain('4242')
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
  expect(mail?.subject).toMatch(/^Order not paid: /)
  expect(mail?.text).toMatch(/not enough money on your card/)
  expect(mail?.text).toContain(orderId)
})

test('who waits for the answer is told in it what came of the order, and finds it at its URL', async ({
  request,
}) => {
  const { id: restaurant } = await firstRestaurant(request)
  const place = (creditCard: string) =>
    request.post('/api/orders', {
      headers: { Prefer: 'wait=20' },
      data: { restaurant, email: newDiner(), creditCard },
    })
  const paid = await place(cards.good)
  expect([paid.status(), OrderAccepted.parse(await paid.json()).status]).toEqual([200, 'paid'])

  const declined = await place(cards.withoutFunds)
  expect(declined.status()).toBe(402)
  const { statusUrl = '', reason } = OrderDeclined.parse(await declined.json())
  expect(reason).toBe('insufficient_funds')
  const order = await request.get(`/api/${statusUrl}`, { headers: { Prefer: 'wait=20' } })
  expect(TrackedOrder.parse(await order.json())).toMatchObject({ status: 'declined', reason })
})

test('mistakes are shown next to their fields, and nothing is sent', async ({ page, request }) => {
  let orders = 0
  page.on('request', sent => {
    if (isOrder(sent)) orders++
  })
  const { id } = await firstRestaurant(request)
  await page.goto(`/restaurants/${id}`)
  const order = page.getByRole('button', { name: /^Order for / })
  const email = page.getByLabel('Email')
  const card = page.getByLabel('Card number')

  await expect(page.getByText('Nothing chosen yet. Choose a dish, and order it here.')).toBeVisible()
  await expect(order).toHaveCount(0)
  await page
    .getByRole('button', { name: /^Add one / })
    .first()
    .click()
  await order.click()
  await expect(page.getByLabel('Name')).toBeFocused()
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/^Enter your name/)
  await expect(email).toHaveAccessibleDescription('Enter the mail address for your confirmation.')
  await expect(card).toHaveAccessibleDescription('Enter your card number.')
  const summary = page.getByRole('alert').filter({ hasText: '7 fields need another look' })
  await summary.getByRole('link', { name: 'City' }).click()
  await expect(page.getByLabel('City')).toBeFocused()

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
  const { email, keys } = await readyToOrder(page, request)

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

/** Orders, and has the answers to the first tries lost on their way: the order is taken all the same. */
async function orderWithoutAnswer(page: Page, tries = 1) {
  const lost = Promise.withResolvers<void>()
  let sent = 0
  await page.route('**/api/orders', async route => {
    if (++sent > tries) return route.continue()
    await route.fetch()
    // The first one stays without an answer until the page goes.
    if (sent === 1) lost.resolve()
    else await route.abort()
  })
  await page.getByRole('button', { name: /^Order for / }).click()
  await lost.promise
}

test(
  'a page that is loaded again while its order is on the way goes on with that order',
  sealed,
  async ({ page, request }) => {
    const { restaurant, email, keys } = await readyToOrder(page, request)
    await orderWithoutAnswer(page)
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    expect(kept).not.toContain('42424242')

    await page.reload()
    await seePaid(page)
    await expect(page.getByText(email, { exact: true })).toBeVisible()
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
    expect(await mailsTo(request, email)).toHaveLength(1)

    await page.goto(`/restaurants/${restaurant.id}`)
    await expect(page.getByText('Nothing chosen yet.')).toBeVisible()
  },
)

test(
  'a page that is loaded again when the answer has just come shows the order',
  sealed,
  async ({ page, request }) => {
    const { email, keys } = await readyToOrder(page, request)
    // The confirmation is on its way, and does not get through. Held, not refused: refused, the browser would go
    // there by itself, which ends the load below.
    await page.route('**/orders/*', route =>
      route.request().url().includes('/api/') ? route.continue() : undefined,
    )
    const answered = page.waitForResponse('**/api/orders')
    await page.getByRole('button', { name: /^Order for / }).click()
    expect((await answered).status()).toBe(202)
    // Only when this page is gone: it would show the confirmation, and there would be nothing to go on with.
    await page.goto(page.url(), { waitUntil: 'commit' })
    await page.unroute('**/orders/*')
    await seePaid(page)
    expect(new Set(keys).size).toBe(1)
    expect(await mailsTo(request, email)).toHaveLength(1)
  },
)

test(
  'it goes on with that order though the restaurant has gone meanwhile',
  sealed,
  async ({ page, request }) => {
    const { restaurant, email } = await readyToOrder(page, request)
    await orderWithoutAnswer(page)

    await page.route(`**/restaurants/${restaurant.id}`, async route => {
      const gone = await route.fetch({ url: new URL('no-such-restaurant', route.request().url()).href })
      expect(gone.status()).toBe(404)
      await route.fulfill({ response: gone })
    })
    await page.reload()
    await seePaid(page)
    expect(await mailsTo(request, email)).toHaveLength(1)
  },
)

test('a basket outlives a reload, without the card', async ({ page, request }) => {
  const email = newDiner()
  await chooseFirstDish(page, await firstRestaurant(request), 2)
  await fillIn(page, { email, card: cards.good })
  await page.getByLabel('Note to the kitchen').fill('no onions')
  await page.getByText('10%', { exact: true }).click()
  const button = page.getByRole('button', { name: /^Order for / })
  const total = await button.textContent()
  await page.reload()
  await seeKept(page, email, total)
})

/** What was filled in is there, but for the card. */
async function seeKept(page: Page, email: string, total: string | null) {
  await expect(page.getByRole('button', { name: /^Order for / })).toHaveText(total ?? '')
  await expect(page.getByLabel('Name')).toHaveValue('Dana Cohen')
  await expect(page.getByLabel('Phone')).toHaveValue('+49 30 1234567')
  await expect(page.getByLabel('Email')).toHaveValue(email)
  await expect(page.getByLabel('Note to the kitchen')).toHaveValue('no onions')
  await expect(page.getByLabel('Card number')).toHaveValue('')
  await expect(page.getByLabel('Expires')).toHaveValue('')
}

test('a basket outlives the way to another restaurant and back: each restaurant has its own', async ({
  page,
  request,
}) => {
  const [first, second] = await restaurants(request)
  const email = newDiner()
  await chooseFirstDish(page, await menuOf(request, first.id), 2)
  await fillIn(page, { email, card: cards.good })
  await page.getByLabel('Note to the kitchen').fill('no onions')
  const total = await page.getByRole('button', { name: /^Order for / }).textContent()

  await page.goBack()
  await page.goto(`/restaurants/${second?.id}`)
  await expect(page.getByText('Nothing chosen yet.')).toBeVisible()
  await page
    .getByRole('button', { name: /^Add one / })
    .first()
    .click()
  await expect(page.getByLabel('Name')).toHaveValue('Dana Cohen')
  await expect(page.getByLabel('Note to the kitchen')).toHaveValue('')

  await page.goto(`/restaurants/${first.id}`)
  await seeKept(page, email, total)
})

test('a declined card is no end: basket and form are there for another one', async ({ page, request }) => {
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseFirstDish(page, restaurant, 2)
  await fillIn(page, { email, card: cards.withoutFunds })
  await page.getByLabel('Note to the kitchen').fill('no onions')
  const total = await page.getByRole('button', { name: /^Order for / }).textContent()
  await placeOrder(page)
  await expect(page.getByRole('heading', { name: 'Your card was declined' })).toBeVisible()
  await page.getByRole('link', { name: 'Try another card' }).click()

  await seeKept(page, email, total)
  await fillCard(page, cards.good)
  await placeOrder(page)
  await seePaid(page)
  await expect.poll(async () => (await mailsTo(request, email)).length).toBe(2)
  await page.goto(`/restaurants/${restaurant.id}`)
  await expect(page.getByText('Nothing chosen yet.')).toBeVisible()
})

test('what was ordered once is ordered again from the list', async ({ page, request }) => {
  const { restaurant } = await readyToOrder(page, request)
  const total = await page.getByRole('button', { name: /^Order for / }).textContent()
  await placeOrder(page)
  await seePaid(page)
  await page.goto('/orders')
  await page.getByRole('button', { name: `Order again at ${restaurant.name}` }).click()
  await expect(page.getByRole('button', { name: /^Order for / })).toHaveText(total ?? '')
})

test('what is chosen of a dish is paid for, and is told wherever the order is', async ({ page, request }) => {
  const email = newDiner()
  const { restaurant, dish } = await dishWithOptions(request)
  const [option] = dish.options
  const [one, two] = option?.choices ?? []
  const cost = money(dish.priceCents + (one?.priceCents ?? 0) + (two?.priceCents ?? 0), restaurant.currency)
  const inWords = `${dish.name} (${one?.name}, ${two?.name})`
  await page.goto(`/restaurants/${restaurant.id}`)
  const entry = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: dish.name }) })
  await entry.getByText(/^Choose /).click()
  await entry.getByLabel(two?.name ?? '').check()
  await entry.getByLabel(one?.name ?? '').check()
  await entry.getByRole('button', { name: `Add for ${cost}` }).click()
  const order = page.getByRole('region', { name: 'Your order' })
  await expect(order.getByText(inWords)).toBeVisible()
  await page.getByRole('button', { name: `Add one ${inWords}` }).click()
  await expect(order.getByText(/^2 ×/)).toBeVisible()
  await page.getByRole('button', { name: `Remove one ${inWords}` }).click()
  await page.reload()
  await expect(order.getByText(inWords)).toBeVisible()

  await fillIn(page, { email, card: cards.good })
  await placeOrder(page)
  await seePaid(page)
  await expect(page.getByText(inWords)).toBeVisible()
  const [mail] = await mailsTo(request, email)
  expect(mail?.text).toContain(inWords)
  expect(mail?.text).toContain(cost)
})

/** A dish of which one of the options takes two choices, and its restaurant. */
async function dishWithOptions(request: APIRequestContext) {
  for (const { id } of await restaurants(request)) {
    const restaurant = await menuOf(request, id)
    for (const { options = [], ...dish } of restaurant.menu) {
      if ((options[0]?.most ?? 0) >= 2) return { restaurant, dish: { ...dish, options } }
    }
  }
  throw new Error('no dish of the catalogue has such an option')
}

test('what many have ordered is marked as popular, and what few have is not', async ({ page, request }) => {
  const id = (await restaurants(request)).at(-1)?.id ?? ''
  const { menu } = await menuOf(request, id)
  const [few, many] = menu.slice(-2)
  const order = async (dish: typeof many) => {
    const data = {
      restaurant: id,
      email: newDiner(),
      creditCard: cards.good,
      items: [{ id: dish?.id, quantity: 1 }],
    }
    const answer = await request.post('/api/orders', { headers: { Prefer: 'wait=20' }, data })
    expect(answer.status()).toBe(200)
  }
  await Promise.all([...Array.from({ length: 5 }, () => order(many)), order(few)])
  const dish = (name = '') => page.getByRole('listitem').filter({ hasText: name })
  // Tracking looks again after a while.
  await expect(async () => {
    await page.goto(`/restaurants/${id}`)
    await expect(dish(many?.name)).toContainText('Popular', { timeout: 500 })
  }).toPass({ timeout: 40_000 })
  await expect(dish(few?.name)).not.toContainText('Popular')
})

test('who orders, where to and when goes with the order, and nobody else sees it', async ({
  page,
  request,
}) => {
  const bodies: string[] = []
  page.on('request', sent => {
    if (isOrder(sent)) bodies.push(sent.postData() ?? '')
  })
  const restaurant = (await restaurants(request)).find(({ delivery }) => delivery)
  await page.goto(`/restaurants/${restaurant?.id}`)
  await page
    .getByRole('button', { name: /^Add one / })
    .first()
    .click()
  await fillIn(page, { email: newDiner(), card: cards.good })
  await page.getByLabel('Note to the kitchen').fill('Ring twice')
  await page.getByLabel('When').selectOption({ index: 1 })
  await page.getByText('10%', { exact: true }).click()
  const orderId = await placeOrder(page)
  await seePaid(page)

  const order = PlaceOrder.parse(JSON.parse(bodies[0] ?? ''))
  expect(order).toMatchObject({
    name: 'Dana Cohen',
    phone: '+49 30 1234567',
    fulfilment: 'delivery',
    address: { street: 'Olive Street 5', city: 'Berlin' },
    note: 'Ring twice',
    wantedAt: expect.stringMatching(/T\d\d:\d\d:00[+-]/),
  })
  const dishes = (await menuOf(request, restaurant?.id ?? '')).menu[0]?.priceCents ?? 0
  expect(order.tipCents).toBe(Math.round(dishes / 10))
  expect(order.total?.amountCents).toBe(dishes + (order.tipCents ?? 0))
  const told = await (await request.get(`/api/orders/${orderId}`)).text()
  expect(told).not.toMatch(/Dana|1234567|Olive Street|Berlin|twice/)
  await expect(page.getByRole('region', { name: 'What was ordered' })).toContainText('Tip')
})

test('a restaurant that does not deliver says so, and asks for no address', async ({ page, request }) => {
  const restaurant = (await restaurants(request)).find(({ delivery }) => !delivery)
  await page.goto(`/restaurants/${restaurant?.id}`)
  await page
    .getByRole('button', { name: /^Add one / })
    .first()
    .click()
  await expect(page.getByText(`${restaurant?.name} does not deliver.`)).toBeVisible()
  await expect(page.getByLabel('Street and number')).toHaveCount(0)
  await fillIn(page, { email: newDiner(), card: cards.good })
  await page.getByLabel('Phone').fill('')
  await placeOrder(page)
  await seePaid(page)
})

test('the demo offers cards to try, and knows their brands', async ({ page, request }) => {
  await chooseFirstDish(page, await firstRestaurant(request))
  await page.getByText('take a test card').click()
  await page.getByRole('button', { name: '5555 5555 5555 4444' }).click()
  await expect(page.getByLabel('Card number')).toHaveValue('5555 5555 5555 4444')
  await expect(page.getByLabel('Card number')).toHaveAccessibleDescription('Mastercard')
  await expect(page.getByLabel('Expires')).toHaveValue(/^12\/\d\d$/)
})

test(
  'nothing else is ordered while an order may have been taken, unless the diner wants both',
  sealed,
  async ({ page, request }) => {
    const { email, keys } = await readyToOrder(page, request)
    await orderWithoutAnswer(page, 2)
    // The order is sent again by itself, and has no answer this time either.
    await page.reload()
    await expect(page.getByRole('alert').filter({ hasText: 'no answer' })).toBeVisible()

    await page
      .getByRole('button', { name: /^Add one / })
      .first()
      .click()
    await fillCard(page, cards.good)
    await page.getByRole('button', { name: /^Order for / }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'may have been taken' })).toBeVisible()
    expect(keys).toHaveLength(2)

    await page.getByRole('button', { name: 'Send the earlier order again' }).click()
    await seePaid(page)
    expect(new Set(keys).size).toBe(1)
    expect(await mailsTo(request, email)).toHaveLength(1)
  },
)

test('a price that has changed is told, and charged only once the diner agrees', async ({
  page,
  request,
}) => {
  const restaurant = await firstRestaurant(request)
  const priceCents = restaurant.menu[0]?.priceCents ?? 0
  const text = (cents: number) => money(cents, restaurant.currency)
  // As the site's server sends it to a page that is not loaded anew.
  const ofMenu = `**/restaurants/${restaurant.id}?_rsc=*`
  await page.route(ofMenu, async route => {
    const response = await route.fetch()
    const body = await response.text()
    const was = body.replaceAll(`"priceCents":${priceCents},`, `"priceCents":${priceCents - 100},`)
    await route.fulfill({
      response,
      body: was.replaceAll(`"priceCents":${priceCents}}`, `"priceCents":${priceCents - 100}}`),
    })
  })
  const email = newDiner()
  const keys = keysSent(page)
  await chooseFirstDish(page, restaurant)
  await fillIn(page, { email, card: cards.good })
  await page.unroute(ofMenu)

  await page.getByRole('button', { name: `Order for ${text(priceCents - 100)}` }).click()
  const told = page.getByRole('alert').filter({ hasText: 'The price has changed' })
  await expect(told).toContainText(`You saw ${text(priceCents - 100)}; it is ${text(priceCents)} now.`)
  await page.getByRole('button', { name: `Order for ${text(priceCents)}` }).click()
  await seePaid(page)
  await expect(page.getByRole('region', { name: 'What was ordered' })).toContainText(
    `Total${text(priceCents)}`,
  )
  expect(new Set(keys).size).toBe(1)
  const mails = await mailsTo(request, email)
  expect(mails).toHaveLength(1)
  expect(mails[0]?.text).toContain(`Total: ${text(priceCents)}\n`)
})

for (const [what, email] of [
  ['signs of many kinds', `some=thing/${newDiner()}`],
  ['a domain of other letters', newDiner().replace('example.com', 'münchen.example')],
  ['letters of another alphabet', newDiner().replace('diner', 'דנה').replace('example.com', 'דוגמה.קום')],
]) {
  test(`an address with ${what} is taken, and mailed to`, async ({ page, request }) => {
    await chooseFirstDish(page, await firstRestaurant(request))
    await fillIn(page, { email: '', card: cards.good })
    await page.getByLabel('Email').pressSequentially(email ?? '')
    await placeOrder(page)
    expect(await mailsTo(request, email ?? '')).toHaveLength(1)
  })
}

test('a double click is one order', async ({ page, request }) => {
  const { email, keys } = await readyToOrder(page, request)
  await page.getByRole('button', { name: /^Order for / }).dblclick()

  await seePaid(page)
  expect(keys).toHaveLength(1)
  expect(await mailsTo(request, email)).toHaveLength(1)
})
