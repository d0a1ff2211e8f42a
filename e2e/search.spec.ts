import { expect, type Page, test } from '@playwright/test'
import { cards, fillIn, firstRestaurant, menuOf, newDiner, placeOrder, restaurants } from './platform.ts'

const results = (page: Page) => page.getByRole('region', { name: 'Results' })
const names = (page: Page) => results(page).getByRole('heading', { level: 2 })
const styleOf = (page: Page) => page.getByLabel('Style', { exact: true })
const words = (page: Page) => page.getByLabel('Restaurant, style or dish')

test('every filter narrows the search, and a link keeps it', async ({ page, request }) => {
  const all = await restaurants(request)
  await page.goto('/')
  await expect(names(page)).toHaveCount(all.length)

  const { name, style } = all[0]
  await words(page).pressSequentially(name.toUpperCase())
  await expect(names(page).first()).toHaveText(name)
  await expect(page).toHaveURL(/\?q=/)
  await words(page).fill('')
  await expect(names(page)).toHaveCount(all.length)

  await styleOf(page).selectOption({ value: style })
  await expect(names(page)).toHaveText(all.filter(other => other.style === style).map(other => other.name))
  await styleOf(page).selectOption('Every style')

  await page.getByLabel('Vegetarian').check()
  await page.getByLabel('Delivery').check()
  const both = all.filter(other => other.vegetarian && other.delivery)
  await expect(names(page)).toHaveCount(both.length)

  await expect(page).toHaveURL(/vegetarian=true&delivery=true/)
  await page.reload()
  await expect(page.getByLabel('Vegetarian')).toBeChecked()
  await expect(names(page)).toHaveCount(both.length)

  await page.getByLabel('Order').selectOption('By name')
  const inOrder = both.map(other => other.name).toSorted((a, b) => a.localeCompare(b, 'en'))
  await expect(names(page)).toHaveText(inOrder)
})

test('a dish finds its restaurants, which say so', async ({ page, request }) => {
  const { name, menu } = await firstRestaurant(request)
  const dish = menu[0]?.name ?? ''
  await page.goto('/')
  await words(page).fill(dish.split(' ').toReversed().join(' ').toLowerCase())
  const hit = results(page).getByRole('listitem').filter({ hasText: name })
  await expect(hit).toContainText(`On the menu: ${dish}`)
})

test('a search without a match says so, and lets the diner start over', async ({ page, request }) => {
  const all = await restaurants(request)
  await page.goto('/?q=no+restaurant+is+called+this')
  await expect(page.getByRole('heading', { name: 'No restaurant matches' })).toBeVisible()

  await page.getByRole('link', { name: 'Clear all filters' }).click()
  await expect(names(page)).toHaveCount(all.length)
  await expect(words(page)).toHaveValue('')
})

test('who comes back from a restaurant finds the same search, at the same place', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 700 })
  await page.goto('/?delivery=true')
  const last = names(page).last().getByRole('link')
  for (const way of ['the link', 'the back button']) {
    await last.scrollIntoViewIfNeeded()
    const place = await page.evaluate('scrollY')
    expect(place, way).toBeGreaterThan(500)
    await last.click()
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
    await expect(page).toHaveURL(/\/restaurants\//)
    expect(await page.evaluate('scrollY'), way).toBe(0)
    if (way === 'the link') await page.getByRole('link', { name: 'All restaurants' }).click()
    else await page.goBack()
    await expect(page).toHaveURL('/?delivery=true')
    await expect.poll(() => page.evaluate('scrollY'), way).toBe(place)
    await expect(page.getByLabel('Delivery')).toBeChecked()
  }
})

test('a restaurant opened by its own link leads to the search that was made last', async ({
  page,
  request,
}) => {
  const { id } = await firstRestaurant(request)
  await page.goto('/?vegetarian=true')
  await expect(names(page).first()).toBeVisible()
  // It is there before any script runs, and noted by one.
  await page.waitForFunction(() => sessionStorage.getItem('search') !== null)
  await page.goto(`/restaurants/${id}`)
  await expect(page.getByRole('link', { name: 'All restaurants' })).toHaveAttribute(
    'href',
    '/?vegetarian=true',
  )
})

test('the search works by keyboard alone', async ({ page, request }) => {
  const { name } = await firstRestaurant(request)
  await page.goto('/')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(words(page)).toBeFocused()
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  await expect(names(page).first()).toHaveText(name)
  await expect(words(page)).toBeFocused()
  await names(page).first().getByRole('link').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name })).toBeFocused()
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('one can search, clear the filters, and read a menu', async ({ page, request }) => {
    const [{ id, style }] = await restaurants(request)
    const restaurant = await menuOf(request, id)
    await page.goto('/')
    await words(page).fill(restaurant.name)
    await styleOf(page).selectOption({ value: style })
    await page.getByRole('button', { name: 'Search' }).click()
    await expect(names(page).first()).toHaveText(restaurant.name)
    await expect(styleOf(page)).toHaveValue(style)

    await names(page).first().getByRole('link').click()
    await expect(page).toHaveTitle(`${restaurant.name} · Kafka Restaurants`)
    for (const dish of restaurant.menu) {
      await expect(page.getByRole('heading', { name: dish.name })).toBeVisible()
    }
    await page.getByRole('link', { name: 'All restaurants' }).click()
    await expect(names(page).first()).toBeVisible()
  })
})

test('an address that leads nowhere says so', async ({ page }) => {
  const restaurant = await page.goto('/restaurants/no-such-restaurant')
  expect(restaurant?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'No such restaurant' })).toBeVisible()
  await expect(page).toHaveTitle(/No such restaurant/)

  const response = await page.goto('/no-such-page')
  expect(response?.status()).toBe(404)
  await page.getByRole('link', { name: 'All restaurants' }).click()
  await expect(names(page).first()).toBeVisible()
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
