import { expect, type Page, test } from '@playwright/test'
import { textsOf } from '../apps/web/i18n/texts-of.ts'
import { cards, firstRestaurant, mailsTo, newDiner } from './platform.ts'

const [t, english] = [textsOf('he'), textsOf('en')]
const hebrew = /[א-ת]/
const englishWords = /[a-z]{2,} [a-z]{2,}/i
const staff = { username: 'staff', password: process.env.KITCHEN_PASSWORD ?? '' }

test.use({ locale: 'he-IL' })

const seeLanguage = async (page: Page, lang: 'he' | 'en') => {
  await expect(page.locator('html')).toHaveAttribute('lang', lang)
  await expect(page.locator('html')).toHaveAttribute('dir', lang === 'he' ? 'rtl' : 'ltr')
}

/** Finds a restaurant by its name, and puts its first dish into the order. */
async function chooseDish(page: Page, name: string, dish: string) {
  await page.goto('/')
  await seeLanguage(page, 'he')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(t('search.heading'))
  await page.getByLabel(t('search.form.words')).fill(name)
  await expect(page).toHaveURL(/\?q=/)
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('button', { name: t('restaurant.addOne', { dish }), exact: true }).click()
}

/** The fields of the order: their names are those of the API, in any language. */
async function fill(page: Page, fields: Record<string, string>) {
  // The form is fetched once something is chosen.
  await page.locator('#card').waitFor()
  for (const [id, text] of Object.entries(fields)) {
    const field = page.locator(`#${id}`)
    if (await field.isVisible()) await field.fill(text)
  }
}

const faultless = {
  name: 'דנה כהן',
  phone: '+972 3 123 4567',
  street: 'רחוב הזית 5',
  city: 'תל אביב',
  card: cards.good,
  expiry: `12/${String(new Date().getFullYear() + 2).slice(2)}`,
}

test('a diner orders in Hebrew, sees it cooked, and gets a mail in Hebrew that leads back to it', async ({
  page,
  request,
  browser,
}) => {
  test.setTimeout(90_000)
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseDish(page, restaurant.name, restaurant.menu[0]?.name ?? '')

  const order = page.locator('#order button[type=submit]')
  await order.click()
  for (const id of ['name', 'phone', 'email', 'card', 'expiry']) {
    await expect(page.locator(`#${id}`)).toHaveAccessibleDescription(hebrew)
    await expect(page.locator(`#${id}`)).not.toHaveAccessibleDescription(englishWords)
  }
  await expect(page.getByRole('alert').filter({ hasText: t('checkout.wrong', { count: 7 }) })).toBeVisible()
  await fill(page, { ...faultless, email: 'דנה@nowhere', card: '4242 4242 4242 4241' })
  await order.click()
  await expect(page.locator('#email')).toBeFocused()
  for (const id of ['email', 'card']) {
    await expect(page.locator(`#${id}`)).toHaveAttribute('aria-invalid', 'true')
    await expect(page.locator(`#${id}`)).toHaveAccessibleDescription(hebrew)
  }

  await fill(page, { email, card: cards.good })
  await order.click()
  await expect(page).toHaveURL(/\/orders\/[\da-f-]{36}$/)
  const orderId = page.url().split('/').at(-1) ?? ''
  await seeLanguage(page, 'he')
  const progress = page.getByRole('list', { name: t('order.progress') })
  const seeStep = (status: 'placed' | 'paid' | 'ready') =>
    expect(
      progress
        .getByRole('listitem')
        .filter({ hasText: t(`status.${status}.title`) })
        .first(),
    ).toBeVisible()
  await seeStep('placed')
  await seeStep('paid')

  const board = await (await browser.newContext({ locale: 'he-IL', httpCredentials: staff })).newPage()
  await board.goto(`/kitchen?restaurant=${encodeURIComponent(restaurant.name)}`)
  await seeReady(board, orderId)
  await seeStep('ready')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(t('status.ready.heading'))

  const [mail] = await mailsTo(request, email)
  expect(mail?.subject).toMatch(hebrew)
  expect(mail?.subject).toContain(restaurant.name)
  await page.getByRole('link', { name: t('order.inbox') }).click()
  await page.getByRole('link', { name: mail?.subject ?? '' }).click()
  const opened = page.context().waitForEvent('page')
  await page.frameLocator('iframe').getByRole('link', { name: 'מעקב אחר ההזמנה' }).click()
  const back = await opened
  await expect(back).toHaveURL(new RegExp(`/orders/${orderId}$`))
  await seeLanguage(back, 'he')
  await expect(back.getByRole('heading', { level: 1 })).toHaveText(t('status.ready.heading'))
})

/** Has the kitchen cook an order, and all that are before it in the line. */
async function seeReady(board: Page, orderId: string) {
  const press = (order: string) => board.getByRole('button', { name: t('kitchen.ready.order', { order }) })
  const own = press(orderId.slice(0, 8))
  const first = board.getByRole('button', { name: t('kitchen.ready.press') }).first()
  await expect(first).toBeVisible()
  await expect(async () => {
    if (!(await own.isVisible())) await first.click()
    await expect(own).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 30_000 })
  await own.click()
}

test('a card that is declined is told of in Hebrew', async ({ page, request }) => {
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseDish(page, restaurant.name, restaurant.menu[0]?.name ?? '')
  await fill(page, { ...faultless, email, card: cards.withoutFunds })
  await page.locator('#order button[type=submit]').click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(t('status.declined.heading'))
  await expect(page.getByRole('link', { name: t('order.anotherCard') })).toBeVisible()
  const [mail] = await mailsTo(request, email)
  expect(mail?.text).toMatch(hebrew)
})

test('an order is seen on its way through Kafka in Hebrew, records and code as they are', async ({
  page,
  request,
}) => {
  const { id, menu } = await firstRestaurant(request)
  const answer = await request.post('/api/orders', {
    headers: { Prefer: 'wait=20' },
    data: {
      restaurant: id,
      email: newDiner(),
      creditCard: cards.good,
      items: [{ id: menu[0]?.id, quantity: 1 }],
    },
  })
  await page.goto(`/how-it-works?order=${(await answer.json()).orderId}`)
  await seeLanguage(page, 'he')
  const hop = page
    .getByRole('list', { name: t('howItWorks.list') })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: t('howItWorks.hops.charge.name'), exact: true }) })
  await expect(hop).toContainText(t('status.paid.title'))
  await expect(hop.getByText(/^order_confirm, partition \d+, offset \d+$/)).toHaveAttribute('dir', 'ltr')
  await hop.getByText(t('howItWorks.details')).click()
  const record = page.getByRole('region', {
    name: t('howItWorks.recordOf', { title: t('status.paid.title') }),
  })
  await expect(record).toHaveCSS('direction', 'ltr')
})

for (const javaScriptEnabled of [true, false]) {
  test(`the switch changes the language, keeps the page, and is remembered, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async ({
    browser,
  }) => {
    const context = await browser.newContext({ locale: 'he-IL', javaScriptEnabled })
    const page = await context.newPage()
    const path = '/?q=nothing+of+this+kind&vegetarian=true'
    await page.goto(path)
    await seeLanguage(page, 'he')
    await expect(page.getByText(t('search.nothing'))).toBeVisible()
    const form = page.getByRole('form', { name: t('site.language') })
    await expect(form.getByRole('button', { name: 'עברית' })).toHaveAttribute('aria-current', 'true')
    await form.getByRole('button', { name: 'English' }).click()

    await expect(page).toHaveURL(path)
    await seeLanguage(page, 'en')
    await expect(page.getByText(english('search.nothing'))).toBeVisible()
    const other = await context.newPage()
    await other.goto('/orders')
    await seeLanguage(other, 'en')

    await other.getByRole('button', { name: 'עברית' }).click()
    await expect(other).toHaveURL('/orders')
    await seeLanguage(other, 'he')
    await context.close()
  })
}

test('where nothing was chosen, a page has the language that the browser asks for, and no cache keeps it for others', async ({
  playwright,
  baseURL,
  request: ofOthers,
}) => {
  const asked = [
    ['he-IL,he;q=0.9,en;q=0.8', 'he'],
    ['en-US,en;q=0.9,he;q=0.8', 'en'],
    ['fr, he;q=0.5', 'he'],
    ['fr', 'en'],
  ] as const
  const restaurant = await firstRestaurant(ofOthers)
  const request = await playwright.request.newContext(baseURL ? { baseURL } : {})
  for (const path of ['/', `/restaurants/${restaurant.id}`, '/orders', '/how-it-works', '/no-such-page'])
    for (const [accepted, lang] of asked) {
      const answer = await request.get(path, { headers: { 'accept-language': accepted } })
      expect(await answer.text(), `${path}, ${accepted}`).toContain(`<html lang="${lang}"`)
      expect(answer.headers()['cache-control'], path).toMatch(/\b(?:no-store|private)\b/)
    }
  const manifest = await request.get('/manifest.webmanifest', { headers: { 'accept-language': 'he' } })
  expect(await manifest.json()).toMatchObject({ lang: 'he', dir: 'rtl' })
  expect(manifest.headers()['cache-control']).toMatch(/\b(?:no-store|private)\b/)
  expect(manifest.headers().vary).toMatch(/accept-language/i)
  await request.dispose()
})
