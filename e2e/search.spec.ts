import { expect, type Page, test } from '@playwright/test'
import { cards, fillIn, firstRestaurant, newDiner, placeOrder, restaurants } from './platform.ts'

const results = (page: Page) => page.getByRole('region', { name: 'Results' })
const names = (page: Page) => results(page).getByRole('heading', { level: 2 })

test('every filter narrows the search, and a link keeps it', async ({ page, request }) => {
  const all = await restaurants(request)
  await page.goto('/')
  await expect(names(page)).toHaveCount(all.length)

  const { name, style } = all[0]
  await page.getByLabel('Restaurant name').pressSequentially(name.slice(0, 4).toUpperCase())
  const byName = all.filter(other => other.name.toLowerCase().includes(name.slice(0, 4).toLowerCase()))
  await expect(names(page)).toHaveCount(byName.length)
  await page.getByLabel('Restaurant name').fill('')

  await page.getByLabel('Style').selectOption(style)
  await expect(names(page)).toHaveText(all.filter(other => other.style === style).map(other => other.name))
  await page.getByLabel('Style').selectOption('Every style')

  await page.getByLabel('Vegetarian').check()
  await page.getByLabel('Delivery').check()
  const both = all.filter(other => other.vegetarian && other.delivery)
  await expect(names(page)).toHaveCount(both.length)

  await expect(page).toHaveURL(/vegetarian=true&delivery=true/)
  await page.reload()
  await expect(page.getByLabel('Vegetarian')).toBeChecked()
  await expect(names(page)).toHaveCount(both.length)
})

test('a search without a match says so, and lets the diner start over', async ({ page, request }) => {
  const all = await restaurants(request)
  await page.goto('/?name=no+restaurant+is+called+this')
  await expect(page.getByRole('heading', { name: 'No restaurant matches' })).toBeVisible()

  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(names(page)).toHaveCount(all.length)
  await expect(page.getByLabel('Restaurant name')).toHaveValue('')
})

test('while the search is away the site says so, and finds everything again after', async ({
  page,
  request,
}) => {
  const all = await restaurants(request)
  await page.route('**/api/**', route => route.abort())
  await page.goto('/')
  const alert = page.getByRole('alert').filter({ hasText: 'can’t be reached' })
  await expect(alert).toBeVisible()

  await page.unroute('**/api/**')
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(names(page)).toHaveCount(all.length)
})

test('an address that leads nowhere says so', async ({ page }) => {
  await page.goto('/restaurants/no-such-restaurant')
  await expect(page.getByRole('heading', { name: 'No such restaurant' })).toBeVisible()

  const response = await page.goto('/no-such-page')
  expect(response?.status()).toBe(404)
  await expect(page.getByRole('link', { name: 'All restaurants' })).toBeVisible()
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('no page scrolls sideways', async ({ page, request }) => {
    const { id, name } = await firstRestaurant(request)
    const overflow = () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

    await page.goto('/')
    await expect(names(page).first()).toBeVisible()
    expect(await overflow()).toBe(0)

    await page.goto(`/restaurants/${id}`)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    expect(await overflow()).toBe(0)

    await page
      .getByRole('button', { name: /^Add one / })
      .first()
      .click()
    await fillIn(page, { email: newDiner(), card: cards.good })
    await placeOrder(page)
    expect(await overflow()).toBe(0)

    await page.goto('/orders')
    await expect(page.getByRole('list', { name: 'Your orders' })).toBeVisible()
    expect(await overflow()).toBe(0)

    await page.goto('/orders/0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11')
    await expect(page.getByRole('heading', { name: 'No such order is known here' })).toBeVisible()
    expect(await overflow()).toBe(0)
  })
})
