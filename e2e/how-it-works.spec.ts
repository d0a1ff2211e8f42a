import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { cards, chooseFirstDish, fillIn, firstRestaurant, newDiner, placeOrder, seePaid } from './platform.ts'

const bankAdminUrl = process.env.BANK_ADMIN_URL ?? 'http://127.0.0.1:5015'

const hops = (page: Page) => page.getByRole('list', { name: 'The way of an order' }).locator('> li')
const hop = (page: Page, name: string) =>
  hops(page).filter({ has: page.getByRole('heading', { name, exact: true }) })

test.afterEach(({ request }) => request.put(`${bankAdminUrl}/mode`, { data: { mode: 'normal' } }))

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

test('while the bank is away, the lag is seen to grow, and to heal when it is back', async ({
  page,
  request,
}) => {
  expect((await request.put(`${bankAdminUrl}/mode`, { data: { mode: 'away' } })).ok()).toBe(true)
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email: newDiner(), card: cards.good })
  const orderId = await placeOrder(page)
  await page.goto(`/how-it-works?order=${orderId}`)
  const charge = hop(page, 'Charge')
  await expect(charge).toContainText(/[1-9]\d* to do/)
  await expect(hops(page).and(page.locator('[aria-current=step]'))).toContainText('Placed')
  expect((await request.put(`${bankAdminUrl}/mode`, { data: { mode: 'normal' } })).ok()).toBe(true)
  await expect(charge).toContainText('Paid', { timeout: 20_000 })
  await expect(charge).toContainText(/(?<!\d)0 to do/, { timeout: 20_000 })
})

test('a part is broken at the press of a button, and is back by itself', async ({ page, request }) => {
  await page.goto('/how-it-works')
  const button = page.getByRole('button', { name: /^Bank slow/ })
  await button.click()
  await expect(button).toContainText('until')
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  const mode = async () => (await (await request.get(`${bankAdminUrl}/mode`)).json()).mode
  expect(await mode()).toBe('slow')
  await expect(button).not.toContainText('until', { timeout: 40_000 })
  expect(await mode()).toBe('normal')
})

test('a worker that is killed is there again, and the order that came meanwhile is charged', async ({
  page,
  request,
}) => {
  test.setTimeout(90_000)
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email: newDiner(), card: cards.good })
  const other = await page.context().newPage()
  await other.goto('/how-it-works')
  await other.getByRole('button', { name: 'Kill the charging worker' }).click()
  await placeOrder(page)
  await expect(page.getByRole('list', { name: 'Progress' })).toContainText('Paid', { timeout: 60_000 })
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
