import { randomUUID } from 'node:crypto'
import { type APIRequestContext, expect, type Page } from '@playwright/test'
import { Catalogue, InboxMessages, Restaurant, RestaurantSummary, topics } from 'kafka-restaurants-contracts'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'

const inboxUrl = (process.env.INBOX_URL ?? 'http://127.0.0.1:1080').replace(/\/+$/, '')

/** Cards of the bank's test range. */
export const cards = { good: '4242424242424242', withoutFunds: '4000000000009995' }

/** A mail address that no other test reads. */
export const newDiner = () => `diner-${randomUUID()}@example.com`

/** Writes to `order` what another producer might, past search-order. */
export async function writeOrder(value: object | string, key = randomUUID()) {
  const { log } = createContext('journeys', 'silent')
  const kafka = testKafka(process.env.BOOTSTRAP_SVR ?? 'localhost:9092', log)
  await kafka.write({
    topic: topics.order,
    key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  })
}

/** The catalogue that the platform runs with, whatever it is: journeys hard-code no restaurant. */
export async function restaurants(request: APIRequestContext) {
  const response = await request.get('/api/search')
  expect(response.ok()).toBe(true)
  const [first, ...others] = RestaurantSummary.array().parse(await response.json())
  if (!first) throw new Error('the catalogue is empty')
  return [first, ...others] as const
}

export async function firstRestaurant(request: APIRequestContext) {
  const [{ id }] = await restaurants(request)
  return menuOf(request, id)
}

/** A restaurant with its menu. */
export async function menuOf(request: APIRequestContext, id: string) {
  const response = await request.get(`/api/restaurants/${id}`)
  return Restaurant.extend({ currency: Catalogue.shape.currency }).parse(await response.json())
}

/** Has the mail server do something else than take mail, or that again. */
export async function setMailServer(request: APIRequestContext, mode: { mode: string; address?: string }) {
  const answer = await request.put(`${inboxUrl}/api/mode`, { data: mode })
  expect(answer.ok()).toBe(true)
}

/** The mails to an address, once there are any. */
export async function mailsTo(request: APIRequestContext, email: string) {
  const read = async () => {
    const response = await request.get(`${inboxUrl}/api/messages`, { params: { to: email } })
    return InboxMessages.parse(await response.json()).messages
  }
  await expect.poll(async () => (await read()).length, { timeout: 30_000 }).toBeGreaterThan(0)
  return read()
}

/** Opens a restaurant from the search page and puts its first dish into the order. */
export async function chooseFirstDish(page: Page, restaurant: Restaurant, quantity = 1) {
  await page.goto('/')
  await page.getByRole('link', { name: restaurant.name, exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: restaurant.name })).toBeVisible()
  const add = page.getByRole('button', { name: /^Add one / }).first()
  for (let count = 0; count < quantity; count++) await add.click()
}

/** Who orders and where to, and how it is paid: all that an order needs once a dish is chosen. */
export async function fillIn(page: Page, { email, card }: { email: string; card: string }) {
  await page.getByLabel('Name').fill('Dana Cohen')
  await page.getByLabel('Phone').fill('+49 30 1234567')
  const street = page.getByLabel('Street and number')
  if (await street.isVisible()) {
    await street.fill('Olive Street 5')
    await page.getByLabel('City').fill('Berlin')
  }
  await page.getByLabel('Email').fill(email)
  await fillCard(page, card)
}

/** The card alone, good for years. */
export async function fillCard(page: Page, card: string) {
  await page.getByLabel('Card number').fill(card)
  await page.getByLabel('Expires').fill(`12/${String(new Date().getFullYear() + 2).slice(2)}`)
}

/** The steps that an order's page shows. */
export const progress = (page: Page) => page.getByRole('list', { name: 'Progress' }).getByRole('listitem')

/** Waits until an order's page shows, live, that it is paid. */
export const seePaid = (page: Page) =>
  expect(progress(page).filter({ hasText: /^Paid/ }), 'the order is paid').toBeVisible()

/** Presses the order button, and returns the order's id from its page. */
export async function placeOrder(page: Page) {
  await page.getByRole('button', { name: /^Order for / }).click()
  await expect(progress(page).first()).toContainText('Placed')
  const orderId = page.getByText(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  return (await orderId.textContent()) ?? ''
}
