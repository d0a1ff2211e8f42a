import AxeBuilder from '@axe-core/playwright'
import { type APIRequestContext, expect, type Page, test } from '@playwright/test'
import { type Locale, OrderAccepted } from 'kafka-restaurants-contracts'
import { textsOf } from '../apps/web/i18n/texts-of.ts'
import { cards, firstRestaurant, newDiner, writeOrder } from './platform.ts'

test.use({ httpCredentials: { username: 'staff', password: process.env.KITCHEN_PASSWORD ?? '' } })

/** A restaurant, and an order there that is paid, and one that is declined: made once for all that look at pages. */
async function ordered(request: APIRequestContext) {
  const restaurant = await firstRestaurant(request)
  const items = [{ id: restaurant.menu[0]?.id, quantity: 1 }]
  const order = async (creditCard: string) => {
    const answer = await request.post('/api/orders', {
      headers: { Prefer: 'wait=20' },
      data: { restaurant: restaurant.id, email: newDiner(), creditCard, items },
    })
    return OrderAccepted.shape.orderId.parse((await answer.json()).orderId)
  }
  const dead = await deadLetter(request)
  return { restaurant, paid: await order(cards.good), declined: await order(cards.withoutFunds), ...dead }
}

/** A record that nobody can handle, and where the desk's pages show it. */
async function deadLetter(request: APIRequestContext) {
  await writeOrder({ email: newDiner(), restaurant: 'Olive & Thyme', note: `${'long'.repeat(80)}` })
  const linked = async (path: string, pattern: RegExp) =>
    pattern.exec(await (await request.get(path)).text())?.[1] ?? ''
  let group = ''
  await expect
    .poll(async () => {
      group = await linked('/ops', /href="\/ops\/groups\/([\w-]{16})"/)
      return group
    })
    .not.toBe('')
  const letter = await linked(`/ops/groups/${group}`, /href="\/ops\/letters\/([^"]+)"/)
  return { group, letter: decodeURIComponent(letter) }
}

let shared: Awaited<ReturnType<typeof ordered>> | undefined

/** Every page that there is, by what it is: its address, and the text by which one sees that it is all there. */
async function pages(request: APIRequestContext, locale: Locale = 'en') {
  shared ??= await ordered(request)
  const { restaurant, paid, declined, group, letter } = shared
  const { id, name, menu } = restaurant
  const t = textsOf(locale)
  return {
    search: { path: '/', shows: name },
    'nothing found': { path: '/?q=nothing+of+this+kind', shows: t('search.nothing') },
    restaurant: { path: `/restaurants/${id}`, shows: menu[0]?.name ?? '' },
    'no restaurant': { path: '/restaurants/no-such-restaurant', shows: t('noRestaurant.heading') },
    'no page': { path: '/no-such-page', shows: t('notFound.heading') },
    away: { path: '/away', shows: t('away.heading') },
    offline: {
      he: { path: '/offline.he.html', shows: 'אין חיבור' },
      en: { path: '/offline.html', shows: 'You are offline' },
    }[locale],
    order: { path: `/orders/${paid}`, shows: name },
    'declined order': { path: `/orders/${declined}`, shows: t('status.declined.heading') },
    'own orders': { path: '/orders', shows: t('orders.none.heading') },
    'how it works': { path: '/how-it-works', shows: t('howItWorks.live') },
    kitchen: { path: '/kitchen', shows: t('kitchen.live') },
    'dead letters': { path: '/ops', shows: t('ops.intro') },
    'dead letters of a reason': { path: `/ops/groups/${group}`, shows: t('ops.list') },
    'dead letters to be confirmed': {
      path: `/ops/groups/${group}?ask=park`,
      shows: t('ops.confirm.yesPark'),
    },
    'no dead letters of that reason': { path: `/ops/groups/${'x'.repeat(16)}`, shows: t('ops.gone.heading') },
    'a dead letter': { path: `/ops/letters/${encodeURIComponent(letter)}`, shows: t('ops.hidden') },
    'no dead letter': { path: '/ops/letters/none', shows: t('ops.missing.heading') },
  }
}

const open = async (page: Page, { path, shows }: { path: string; shows: string }) => {
  await page.goto(path)
  await expect(page.getByText(shows).first()).toBeVisible()
}

const faultsOf = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target).join(', ')}`)
}

const overflow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1280]) {
    test(`no page has a fault that axe can see, ${colorScheme}, ${width} px wide`, async ({
      browser,
      request,
    }) => {
      test.setTimeout(120_000)
      for (const [name, each] of Object.entries(await pages(request))) {
        const viewport = { width, height: 800 }
        const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
        const page = await context.newPage()
        await open(page, each)
        expect(await faultsOf(page), name).toEqual([])
        await context.close()
      }
    })
  }
}

test('in Hebrew, every page is whole: no fault that axe can see in either theme, no way sideways, no English', async ({
  browser,
  request,
}) => {
  test.setTimeout(180_000)
  for (const [name, each] of Object.entries(await pages(request, 'he'))) {
    const viewport = { width: 360, height: 800 }
    const context = await browser.newContext({ locale: 'he-IL', viewport, reducedMotion: 'reduce' })
    const page = await context.newPage()
    await open(page, each)
    await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
    expect(await englishOn(page), name).toEqual([])
    await expect.poll(() => overflow(page), name).toBe(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await faultsOf(page), `${name}, ${colorScheme}`).toEqual([])
    }
    await context.close()
  }
})

/** Texts of a page with two English words, but for names, code, and what is marked as English. */
const englishOn = (page: Page) =>
  page.evaluate(`
    (() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const found = []
      while (walker.nextNode()) {
        const { parentElement, data } = walker.currentNode
        const words = data.replace(/\u2068.*?\u2069|Kafka Restaurants/gs, '')
        const isApart = parentElement.closest('bdi, script, style, option, [dir=ltr], [dir=auto], [lang=en]')
        if (!isApart && /[a-z]{2,} [a-z]{2,}/i.test(words)) found.push(data)
      }
      return found
    })()
  `)

test('no page breaks its own policy, or asks anybody but the site', async ({ browser, request, baseURL }) => {
  test.setTimeout(120_000)
  const everyPage = await pages(request)
  const page = await browser.newPage()
  const broken: string[] = []
  page.on('console', message => {
    if (/content.security.policy/i.test(message.text())) broken.push(message.text())
  })
  const strangers: string[] = []
  page.on('request', sent => {
    if (new URL(sent.url()).origin !== new URL(baseURL ?? '').origin) strangers.push(sent.url())
  })
  for (const each of Object.values(everyPage)) {
    const answer = await page.goto(each.path)
    await expect(page.getByText(each.shows).first()).toBeVisible()
    const policy = answer?.headers()['content-security-policy'] ?? ''
    expect(policy, each.path).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}' 'strict-dynamic';/)
    expect(policy).not.toContain('unsafe')
    expect(answer?.headers()['x-content-type-options']).toBe('nosniff')
  }
  expect([broken, strangers]).toEqual([[], []])

  // The browser does keep to it: what somebody else writes into a page does not run.
  await page.goto('/')
  await page.evaluate(`
    const script = document.createElement('script')
    script.textContent = 'globalThis.isBroken = true'
    document.body.append(Object.assign(document.createElement('div'), { innerHTML: '<img src=x onerror="isBroken = true">' }))
  `)
  await expect.poll(() => broken.length).toBeGreaterThan(0)
  expect(await page.evaluate('globalThis.isBroken')).toBeUndefined()
})

test('every answer has a nonce of its own', async ({ request }) => {
  const nonces = await Promise.all(
    [1, 2, 3].map(async () => (await request.get('/')).headers()['content-security-policy']),
  )
  expect(new Set(nonces).size).toBe(3)
})

for (const { what, width, fontSize } of [
  { what: 'on the smallest phone', width: 320, fontSize: '100%' },
  { what: 'with text of twice the size', width: 640, fontSize: '200%' },
  { what: 'with text of twice the size on a phone', width: 360, fontSize: '200%' },
]) {
  test(`no page scrolls sideways ${what}`, async ({ browser, request }) => {
    test.setTimeout(120_000)
    for (const [name, each] of Object.entries(await pages(request))) {
      const page = await browser.newPage({ viewport: { width, height: 700 } })
      await open(page, each)
      await page.evaluate(`document.documentElement.style.fontSize = '${fontSize}'`)
      await expect.poll(() => overflow(page), name).toBe(0)
      await page.close()
    }
  })
}

test('on a phone, what is pressed is 44 px high and wide', async ({ browser, request }) => {
  test.setTimeout(120_000)
  for (const [name, each] of Object.entries(await pages(request))) {
    const page = await browser.newPage({ viewport: { width: 360, height: 700 } })
    await open(page, each)
    const small = await page.evaluate(`
      [...document.querySelectorAll('a, button, input, select, textarea')]
        .filter(each => each.checkVisibility() && !each.closest('.sr-only'))
        .map(each => ({ each, target: each.closest('label') ?? each }))
        .map(({ each, target }) => ({ each, box: target.getBoundingClientRect(), after: getComputedStyle(each, '::after') }))
        .filter(({ box, after }) => (box.height < 44 || box.width < 44) && after.position !== 'absolute')
        .map(({ each, box }) => each.outerHTML.slice(0, 80) + ' ' + Math.round(box.width) + '×' + Math.round(box.height))
    `)
    expect(small, name).toEqual([])
    await page.close()
  }
})

test.describe('offline', () => {
  test.use({ serviceWorkers: 'allow' })

  test('a page that can’t be had says so, and is there again after', async ({ page, context }) => {
    await page.goto('/')
    await page.evaluate('navigator.serviceWorker.ready.then(({ active }) => Boolean(active))')
    await context.setOffline(true)
    await page.goto('/orders').catch(() => {})
    await expect(page.getByRole('heading', { name: 'You are offline' })).toBeVisible()
    await context.setOffline(false)
    await page.getByRole('link', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { name: 'Your orders' })).toBeVisible()
  })
})

test('the site can be installed', async ({ request }) => {
  const manifest = await (await request.get('/manifest.webmanifest')).json()
  expect(manifest).toMatchObject({ display: 'standalone', start_url: '/' })
  for (const { src, type } of manifest.icons) {
    const icon = await request.get(src)
    expect([icon.status(), icon.headers()['content-type']]).toEqual([200, type])
  }
})
