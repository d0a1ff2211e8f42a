import AxeBuilder from '@axe-core/playwright'
import { type APIRequestContext, expect, type Page, test } from '@playwright/test'
import { OrderAccepted } from 'kafka-restaurants-contracts'
import { cards, firstRestaurant, newDiner } from './platform.ts'

test.use({ httpCredentials: { username: 'staff', password: process.env.KITCHEN_PASSWORD ?? '' } })

/** Every page that there is, by what it is: its address, and the text by which one sees that it is all there. */
async function pages(request: APIRequestContext) {
  const { id, name, menu } = await firstRestaurant(request)
  const order = async (creditCard: string) => {
    const answer = await request.post('/api/orders', {
      headers: { Prefer: 'wait=20' },
      data: { restaurant: id, email: newDiner(), creditCard, items: [{ id: menu[0]?.id, quantity: 1 }] },
    })
    return OrderAccepted.shape.orderId.parse((await answer.json()).orderId)
  }
  return {
    search: { path: '/', shows: name },
    'nothing found': { path: '/?q=nothing+of+this+kind', shows: 'No restaurant matches' },
    restaurant: { path: `/restaurants/${id}`, shows: menu[0]?.name ?? '' },
    'no restaurant': { path: '/restaurants/no-such-restaurant', shows: 'No such restaurant' },
    'no page': { path: '/no-such-page', shows: 'This table does not exist' },
    away: { path: '/away', shows: 'can’t be reached' },
    offline: { path: '/offline.html', shows: 'You are offline' },
    order: { path: `/orders/${await order(cards.good)}`, shows: name },
    'declined order': { path: `/orders/${await order(cards.withoutFunds)}`, shows: 'Your card was declined' },
    'own orders': { path: '/orders', shows: 'No orders yet' },
    'how it works': { path: '/how-it-works', shows: 'Live: it is looked at' },
    kitchen: { path: '/kitchen', shows: 'Live' },
  }
}

const open = async (page: Page, { path, shows }: { path: string; shows: string }) => {
  await page.goto(path)
  await expect(page.getByText(shows).first()).toBeVisible()
}

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
        const { violations } = await new AxeBuilder({ page }).analyze()
        const faults = violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(node => node.target).join(', ')}`,
        )
        expect(faults, name).toEqual([])
        await context.close()
      }
    })
  }
}

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
      const overflow = () =>
        page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      await expect.poll(overflow, name).toBe(0)
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
