import AxeBuilder from '@axe-core/playwright'
import { type APIRequestContext, expect, type Page, test } from '@playwright/test'
import { cards, chooseFirstDish, fillIn, firstRestaurant, newDiner, placeOrder, seePaid } from './platform.ts'

const bankAdminUrl = process.env.BANK_ADMIN_URL ?? 'http://127.0.0.1:5015'
const bankMode = `${bankAdminUrl}/mode`
const inboxMode = `${process.env.INBOX_URL ?? 'http://127.0.0.1:1080'}/api/mode`

const hops = (page: Page) => page.getByRole('list', { name: 'The way of an order' }).locator('> li')
const hop = (page: Page, name: string) =>
  hops(page).filter({ has: page.getByRole('heading', { name, exact: true }) })

/** How much a step has yet to do. */
const lag = (page: Page, name: string, records: RegExp) =>
  expect(hop(page, name)).toContainText(new RegExp(`(?<!\\d)${records.source} to do`), { timeout: 20_000 })
const breakButton = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) })

test.afterEach(async ({ request }) => {
  for (const url of [bankMode, inboxMode]) await request.put(url, { data: { mode: 'normal' } })
})

/** An order of this page, placed once a button has been pressed in another tab, which is shown then on its way. */
async function orderWhileBroken(page: Page, request: APIRequestContext, name: string, says: RegExp) {
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email: newDiner(), card: cards.good })
  const other = await page.context().newPage()
  await other.goto('/how-it-works')
  await breakButton(other, name).click()
  await expect(breakButton(other, name)).toContainText(says)
  await other.close()
  const orderId = await placeOrder(page)
  await page.goto(`/how-it-works?order=${orderId}`)
  await expect(hops(page).and(page.locator('[aria-current=step]'))).toContainText('Placed')
  await lag(page, 'Charge', /[1-9]\d*/)
  return orderId
}

/** It is paid after all, once, and nothing waits any more. */
async function seeHealed(page: Page, request: APIRequestContext, orderId: string) {
  await expect(hop(page, 'Charge')).toContainText('Paid', { timeout: 45_000 })
  await lag(page, 'Charge', /0/)
  const charges = await request.get(`${bankAdminUrl}/charges?idempotency_key=${orderId}`)
  expect(await charges.json()).toMatchObject({ charges: [{ outcome: 'accepted' }] })
}

test("a diner's own order is seen at each step, and its records without what is personal", async ({
  page,
  request,
}) => {
  const email = newDiner()
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email, card: cards.good })
  const orderId = await placeOrder(page)
  await seePaid(page)
  await page.getByRole('link', { name: 'See how your order went through Kafka' }).click()
  await expect(page).toHaveURL(`/how-it-works?order=${orderId}`)
  await expect(hop(page, 'Order')).toContainText(/Placed.*order, partition \d+, offset \d+/)
  await expect(hop(page, 'Charge')).toContainText(/Paid.*order_confirm, partition \d+, offset \d+/)
  await expect(hop(page, 'Ask the kitchen')).toContainText(/Queued.*command-requests, partition/)
  await expect(hop(page, 'Wait in line')).toContainText(/Cooking.*actionable-commands, partition/)
  await expect(page.getByText('Live: it is looked at once a second.')).toBeVisible()

  for (const [name, title] of [
    ['Order', 'Placed'],
    ['Charge', 'Paid'],
    ['Ask the kitchen', 'Queued'],
  ] as const) {
    await hop(page, name).getByText('The record, and the code that did it').click()
    const record = page.getByRole('region', { name: `Record of ${title}` })
    await expect(record).toContainText(orderId)
    await expect(record).not.toContainText(/Dana|Olive Street|1234567|diner-/)
    await expect(record).not.toContainText(cards.good)
  }
  await expect(page.getByRole('region', { name: 'Record of Placed' })).toContainText(
    /"credit_card": "eyJ[\w-]+…/,
  )
  await expect(page.getByRole('region', { name: 'Code of Order' })).toContainText('producer.send({')

  await page.goto('/how-it-works')
  await expect(hop(page, 'Charge'), 'the newest order of this browser').toContainText('Paid')
})

test('the bank is away at the press of a button: the lag grows, and all heals by itself', async ({
  page,
  request,
}) => {
  test.setTimeout(120_000)
  const orderId = await orderWhileBroken(page, request, 'Bank away', /back in (30|2\d) s/)
  const button = breakButton(page, 'Bank away')
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  const { until } = await (await request.get(bankMode)).json()
  await button.dispatchEvent('click')
  expect(await (await request.get(bankMode)).json(), 'once').toMatchObject({ mode: 'away', until })
  await seeHealed(page, request, orderId)
  await expect(button).toHaveText('Bank away')
  expect(await (await request.get(bankMode)).json()).toMatchObject({ mode: 'normal' })
})

test('of each part there is one break at a time, and what was pressed is said', async ({ page, request }) => {
  await page.goto('/how-it-works')
  await breakButton(page, 'Bank slow').click()
  await expect(page.getByText('It is broken now.')).toBeVisible()
  expect(await (await request.get(bankMode)).json()).toMatchObject({ mode: 'slow', forMs: 30_000 })
  await breakButton(page, 'Bank away').click()
  await expect(page.getByText('That part is broken already. One break of it at a time.')).toBeVisible()
  await breakButton(page, 'Mail server away').click()
  await expect(page.getByText('It is broken now.')).toBeVisible()
  expect(await (await request.get(inboxMode)).json()).toMatchObject({ mode: 'away', forMs: 30_000 })
  await page.route('**/breaks/worker-killed', route => route.fulfill({ status: 503 }))
  await breakButton(page, 'Kill the charging worker').click()
  await expect(page.getByText('That could not be broken now. Try again in a moment.')).toBeVisible()
})

test('a worker that is killed is there again, and the order that came meanwhile is charged once', async ({
  page,
  request,
}) => {
  test.setTimeout(120_000)
  const orderId = await orderWhileBroken(page, request, 'Kill the charging worker', /killed; again in \d+ s/)
  await seeHealed(page, request, orderId)
})

test('where nothing may be broken, there is no button for it, and it is not asked again and again', async ({
  page,
}) => {
  let asked = 0
  await page.route('**/api/backstage/breaks', route => {
    asked++
    return route.fulfill({ json: { allowed: [], broken: [] } })
  })
  await page.clock.install()
  await page.goto('/how-it-works')
  await lag(page, 'Charge', /\d+/)
  const before = asked
  await page.clock.runFor(10_000)
  expect(asked).toBe(before)
  await expect(page.getByRole('heading', { name: 'Break something' })).toHaveCount(0)
})

test('who has not ordered yet is told how', async ({ page }) => {
  await page.goto('/how-it-works')
  await expect(page.getByRole('heading', { name: 'Follow an order of yours' })).toBeVisible()
  await expect(hops(page)).toHaveCount(7)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`opened at every step, the page has no fault that axe can see, ${colorScheme}`, async ({
    page,
    request,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await chooseFirstDish(page, await firstRestaurant(request))
    await fillIn(page, { email: newDiner(), card: cards.good })
    await placeOrder(page)
    await seePaid(page)
    await page.getByRole('link', { name: 'See how your order went through Kafka' }).click()
    await expect(hop(page, 'Ask the kitchen')).toContainText('Queued')
    for (const summary of await page.locator('summary').all()) await summary.click()
    await breakButton(page, 'Mail server away').click()
    await expect(breakButton(page, 'Mail server away')).toContainText('back in')
    await expect(page.getByRole('region', { name: 'Record of Paid' })).toBeVisible()
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width}`).toBe(true)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`),
      ).toEqual([])
    }
  })
}
