import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
import { siteServer } from 'kafka-restaurants-dev-env/platform/services'
import { freePort } from 'kafka-restaurants-dev-env/ports'

/** A site of its own, whose search-order is the test's to break: the platform's is used by other journeys. */
let site: ChildProcess
let siteUrl: string
let searchOrder: Server
let fail: 'frozen' | 'refusing' | 'slow' | undefined
const platformUrl = process.env.SITE_URL ?? 'http://127.0.0.1:8080'

test.skip(!existsSync(siteServer), 'the site was not built here')

test.beforeAll(async () => {
  searchOrder = createServer(async ({ url = '' }, response) => {
    if (fail === 'frozen' || (fail === 'slow' && url !== '/health')) return
    if (fail === 'refusing') return void response.writeHead(500).end()
    const answer = await fetch(`${platformUrl}/api${url}`)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(searchOrder, 'listening')
  const port = await freePort()
  siteUrl = `http://127.0.0.1:${port}`
  site = spawn(process.execPath, [siteServer], {
    stdio: 'ignore',
    env: {
      ...process.env,
      NODE_ENV: 'production',
      HOSTNAME: '127.0.0.1',
      PORT: String(port),
      SEARCH_ORDER_URL: `http://127.0.0.1:${(searchOrder.address() as AddressInfo).port}/`,
      DEAD_LETTERS_URL: 'http://127.0.0.1:2',
    },
  })
  await expect
    .poll(() =>
      fetch(`${siteUrl}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    .toBe(true)
})
test.beforeEach(() => {
  fail = undefined
})
test.afterAll(async () => {
  site.kill()
  searchOrder.closeAllConnections()
  searchOrder.close()
})

for (const { how, status } of [
  { how: 'frozen', status: 503 },
  { how: 'refusing', status: 503 },
  // It is there, and so the page has begun: what it says is the same.
  { how: 'slow', status: 200 },
] as const) {
  for (const path of ['/?vegetarian=true', '/restaurants/olive-and-thyme']) {
    test(`${path}, while search-order is ${how}, says so in seconds, and is found again after`, async ({
      page,
    }) => {
      fail = how
      const began = Date.now()
      const response = await page.goto(siteUrl + path)
      // It waits for 1.5 or 2.5 s, and the machine has other things to do.
      expect(Date.now() - began).toBeLessThan(8_000)
      expect(response?.status()).toBe(status)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('The restaurants can’t be reached')

      fail = undefined
      await page.getByRole('link', { name: 'Try again' }).click()
      await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('The restaurants can’t be reached')
      await expect(page).toHaveURL(siteUrl + path)
    })
  }
}

test('a search-order that is gone is told at once, with 503 and when to come back', async ({ request }) => {
  fail = 'frozen'
  searchOrder.closeAllConnections()
  const answer = await request.get(siteUrl)
  expect([answer.status(), answer.headers()['retry-after'], answer.headers()['cache-control']]).toEqual([
    503,
    '5',
    'no-store',
  ])
  expect(await answer.text()).toContain('noindex')
})

test('while search-order is away, what does not need it works', async ({ request }) => {
  fail = 'frozen'
  expect((await request.get(`${siteUrl}/orders`)).status()).toBe(200)
  expect((await request.get(`${siteUrl}/nothing`)).status()).toBe(404)
})

test('a dead-letter desk that is away is said to be, and who comes past the edge finds none', async ({
  browser,
}) => {
  const { hostname, port } = new URL(siteUrl)
  for (const path of ['/ops', `/ops/groups/${'x'.repeat(16)}`, '/ops/letters/order.dead-letters-0@0'])
    expect((await fetch(siteUrl + path)).status, path).toBe(404)
  const page = await browser.newPage({ extraHTTPHeaders: { 'x-staff': 'staff' } })
  for (const path of ['/ops', `/ops/groups/${'x'.repeat(16)}`, '/ops/letters/order.dead-letters-0@0']) {
    await page.goto(siteUrl + path)
    await expect(page.getByRole('heading', { name: 'The dead-letter desk does not answer' })).toBeVisible()
  }
  await page.close()
  const pressed = await fetch(`${siteUrl}/ops/act`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'x-staff': 'staff', origin: `http://${hostname}:${port}` },
    body: new URLSearchParams({ act: 'park', id: 'order.dead-letters-0@0' }),
  })
  expect([pressed.status, pressed.headers.get('location')]).toEqual([
    303,
    '/ops/letters/order.dead-letters-0%400?failed=away',
  ])
})
