import type { Page } from '@playwright/test'
import {
  InboxMessages,
  type Locale,
  money,
  OrderAccepted,
  Restaurant,
  Total,
} from 'kafka-restaurants-contracts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { textsOf } from '../apps/web/i18n/texts-of.ts'
import { cards, newDiner } from './platform.ts'

/** What there are pictures of, in the sequence that they are made in. */
export const pageNames = [
  'kitchen',
  'order',
  'how-it-works',
  'search',
  'search-found',
  'search-nothing',
  'restaurant',
  'options',
  'checkout',
  'declined',
  'own-orders',
  'mail',
  'mail-declined',
  'no-page',
  'away',
  'offline',
] as const
type PageName = (typeof pageNames)[number]

/** How a picture of a page comes about. */
export interface Shown {
  /** On the site, unless it is a whole address. */
  path: string
  /** What a diner does there first. */
  prepare?: (page: Page) => Promise<void>
  /** Orders that were placed in this browser. */
  own?: object[]
}

/** Until tracking has told of it. */
const itsTotal = (page: Page) => page.getByText('36.50').last().waitFor()

/** All pages that there are, with orders of their own behind them. */
export async function shownPages(platform: Platform, language: Locale): Promise<Record<PageName, Shown>> {
  const { urls } = platform
  const restaurant = await read(`${urls.searchOrder}/restaurants/olive-and-thyme`, Menu)
  const declined = await order(platform, restaurant, language, cards.withoutFunds)
  const paid = await order(platform, restaurant, language, cards.good)
  const path = `/restaurants/${restaurant.id}`
  return {
    // What cooks is shown first: it is ready after 20 s.
    kitchen: { path: '/kitchen', prepare: page => page.getByText(paid.orderId.slice(0, 8)).waitFor() },
    order: { path: `/orders/${paid.orderId}`, prepare: itsTotal },
    'how-it-works': {
      path: `/how-it-works?order=${paid.orderId}`,
      // Its records, and the first rate, which takes two looks.
      prepare: async page => {
        await page
          .getByText(/\boffset \d/)
          .first()
          .waitFor()
        const rate = new RegExp(textsOf(language)('howItWorks.rate', { rate: '\\d' }))
        await page.getByText(rate).first().waitFor()
      },
    },
    search: { path: '/' },
    'search-found': { path: '/?q=rice' },
    'search-nothing': { path: '/?q=nothing+of+this+kind' },
    restaurant: { path },
    options: {
      path: '/restaurants/forno-sessanta',
      prepare: page => page.locator('summary').first().click(),
    },
    checkout: { path, prepare: fillIn },
    declined: { path: `/orders/${declined.orderId}`, prepare: itsTotal },
    'own-orders': { path: '/orders', own: [declined.own, paid.own] },
    mail: { path: paid.mail },
    'mail-declined': { path: declined.mail },
    'no-page': { path: '/no-such-page' },
    away: { path: '/away' },
    offline: { path: { en: '/offline.html', he: '/offline.he.html' }[language] },
  }
}

const Menu = Restaurant.extend({ currency: Total.shape.currency })
type Menu = ReturnType<typeof Menu.parse>

async function order(platform: Platform, restaurant: Menu, locale: Locale, creditCard: string) {
  const { urls } = platform
  const email = newDiner()
  const [first, second] = restaurant.menu
  const answer = await fetch(`${urls.searchOrder}/orders`, {
    method: 'POST',
    headers: { Prefer: 'wait=20' },
    body: JSON.stringify({
      restaurant: restaurant.id,
      email,
      creditCard,
      items: [
        { id: first?.id, quantity: 2 },
        { id: second?.id, quantity: 1 },
      ],
      name: 'Dana Cohen',
      phone: '+49 30 1234567',
      fulfilment: 'pickup',
      note: 'No onions, please.',
      locale,
    }),
  })
  const { orderId } = OrderAccepted.pick({ orderId: true }).parse(await answer.json())
  const cents = 2 * (first?.priceCents ?? 0) + (second?.priceCents ?? 0)
  const mails = `${urls.inbox}/api/messages?to=${encodeURIComponent(email)}`
  const mail = await waitUntil(
    'the mail of an order',
    30_000,
    async () => (await read(mails, InboxMessages)).messages[0],
  )
  return {
    orderId,
    mail: `${urls.inbox}/messages/${mail.id}`,
    own: {
      orderId,
      restaurant: restaurant.name,
      total: money(cents, restaurant.currency),
      at: new Date().toISOString(),
      page: restaurant.id,
      cart: { [first?.id ?? '']: 2 },
    },
  }
}

const read = async <T>(url: string, shape: { parse: (value: unknown) => T }) =>
  shape.parse(await (await fetch(url)).json())

/** In any language: by the ids of the fields. */
async function fillIn(page: Page) {
  const add = page.locator('fieldset:has(output) button').nth(1)
  const card = page.locator('#card')
  // Until its script runs, the page takes no dish.
  await waitUntil('the form of an order', 30_000, async () => {
    await add.click()
    return card.isVisible()
  })
  const fields = {
    name: 'Dana Cohen',
    phone: '+49 30 1234567',
    street: 'Olive Street 5',
    city: 'Berlin',
    email: 'dana@example.com',
    card: cards.good,
    expiry: `12/${String(new Date().getFullYear() + 2).slice(2)}`,
  }
  for (const [name, text] of Object.entries(fields)) {
    const field = page.locator(`#${name}`)
    if (await field.isVisible()) await field.fill(text)
  }
  await page.locator('#expiry').blur()
}
