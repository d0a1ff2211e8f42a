import { expect, test } from '@playwright/test'
import { cards, chooseFirstDish, fillIn, firstRestaurant, mailsTo, newDiner, placeOrder } from './platform.ts'

test('a mail is read on a phone in the dark, and its link leads to the order', async ({
  browser,
  request,
}) => {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  })
  const page = await context.newPage()
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseFirstDish(page, restaurant)
  await fillIn(page, { email, card: cards.good })
  const orderId = await placeOrder(page)
  await mailsTo(request, email)

  await page.getByRole('link', { name: 'Open the inbox' }).click()
  const subject = `Order confirmed: ${restaurant.name}`
  await page.getByRole('link', { name: subject }).click()
  await expect(page.getByRole('heading', { name: subject })).toBeVisible()
  const mail = page.frameLocator('iframe')
  await expect(mail.getByText(orderId)).toBeVisible()
  await expect(mail.locator('body')).toHaveCSS('background-color', 'rgb(26, 19, 16)')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)

  const opened = context.waitForEvent('page')
  await mail.getByRole('link', { name: 'Follow your order' }).click()
  const order = await opened
  await expect(order).toHaveURL(new RegExp(`/orders/${orderId}$`))
  await expect(order.getByRole('list', { name: 'Progress' })).toBeVisible()

  await page.getByRole('link', { name: 'All mails' }).click()
  await page.getByRole('link', { name: 'To the site' }).click()
  await expect(page).toHaveURL(new URL('/', order.url()).href)
  await context.close()
})

test('the link of a declined mail leads to the order too', async ({ page, request }) => {
  const email = newDiner()
  await chooseFirstDish(page, await firstRestaurant(request))
  await fillIn(page, { email, card: cards.withoutFunds })
  const orderId = await placeOrder(page)
  const [mail] = await mailsTo(request, email)
  const url = /^Try another card: (\S+)$/m.exec(mail?.text ?? '')?.[1] ?? ''
  await page.goto(url)
  expect(page.url()).toMatch(new RegExp(`/orders/${orderId}$`))
  await expect(page.getByRole('list', { name: 'Progress' })).toBeVisible()
})
