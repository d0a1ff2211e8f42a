import { randomUUID } from 'node:crypto'
import { type APIRequestContext, expect, type Page, test } from '@playwright/test'
import { OrderAccepted, TrackedOrder } from 'kafka-restaurants-contracts'
import { z } from 'zod'
import { cards, firstRestaurant, mailsTo, newDiner, setMailServer, writeOrder } from './platform.ts'

const staff = { username: 'staff', password: process.env.KITCHEN_PASSWORD ?? '' }
test.use({ httpCredentials: staff })

const login = { authorization: `Basic ${btoa(`staff:${staff.password}`)}` }
const bankUrl = (process.env.BANK_ADMIN_URL ?? 'http://127.0.0.1:5015').replace(/\/+$/, '')
const Charges = z.object({ charges: z.array(z.looseObject({ idempotency_key: z.string() })) })

async function chargesOf(request: APIRequestContext, orderId: string) {
  const { charges } = Charges.parse(await (await request.get(`${bankUrl}/charges?limit=10000`)).json())
  return charges.filter(each => each.idempotency_key === orderId)
}

const groupLink = (page: Page, reason: RegExp) =>
  page.getByRole('listitem').getByRole('link').filter({ hasText: reason }).first()

/** Opens the newest dead letter of a reason, as soon as the desk knows it. */
async function openNewest(page: Page, reason: RegExp, text: string) {
  await expect(async () => {
    await page.goto('/ops')
    await groupLink(page, reason).click({ timeout: 1_000 })
    await page
      .getByRole('link', { name: /\.dead-letters-\d+@\d+$/ })
      .last()
      .click({ timeout: 5_000 })
    await expect(page.locator('pre')).toContainText(text, { timeout: 2_000 })
  }).toPass({ timeout: 45_000 })
}

test('a record that no order can be read of is seen with its reason, and parked; the mended producer’s order completes', async ({
  page,
  request,
}) => {
  test.setTimeout(120_000)
  const { name } = await firstRestaurant(request)
  const diner = newDiner()
  const orderId = randomUUID()
  const order = { order_id: orderId, restaurant: name, credit_card: cards.good, name: 'Dana Cohen' }
  // Its producer calls the address by another name.
  await writeOrder({ ...order, mail: diner }, orderId)
  await openNewest(page, /^\D*\d+\s*the value is no order: email/, orderId)
  await expect(page.getByText('the value is no order: email: Invalid input').last()).toBeVisible()
  await expect(page.getByText('transaction-service').first()).toBeVisible()
  const shown = await page.content()
  for (const secret of [diner, cards.good, 'Dana Cohen']) expect(shown).not.toContain(secret)

  await page.getByRole('button', { name: 'Send back' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'Left as they are: 1' })).toContainText(
    'card number was masked',
  )
  await expect(page.getByText('Open', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Park' }).click()
  await expect(page.getByRole('status')).toContainText('Parked: 1')
  await expect(page.getByText('Sent back or parked before')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Park' })).toHaveCount(0)

  // Mended, it sends the order again.
  await writeOrder({ ...order, email: diner }, orderId)
  const mails = await mailsTo(request, diner)
  expect(mails).toHaveLength(1)
  expect(await chargesOf(request, orderId)).toHaveLength(1)
  await page.goto('/ops')
  await expect(page.getByText('staff parked: 1').first()).toBeVisible()
})

test('an order whose mail was refused is sent back once the mail server is mended: one charge, one mail', async ({
  page,
  request,
}) => {
  test.setTimeout(120_000)
  const { id, menu } = await firstRestaurant(request)
  const diner = newDiner()
  await setMailServer(request, { mode: 'refuse', address: diner })
  let orderId = ''
  try {
    const answer = await request.post('/api/orders', {
      headers: { Prefer: 'wait=20' },
      data: {
        restaurant: id,
        email: diner,
        creditCard: cards.good,
        items: [{ id: menu[0]?.id, quantity: 1 }],
      },
    })
    orderId = OrderAccepted.parse(await answer.json()).orderId
    await openNewest(page, /mailbox/i, orderId)
  } finally {
    await setMailServer(request, { mode: 'normal' })
  }
  await expect(page.getByText('confirmation-service').first()).toBeVisible()
  expect(await page.content()).not.toContain(diner)
  await page.getByRole('button', { name: 'Send back' }).click()
  await expect(page.getByRole('status')).toContainText('Sent back: 1')

  const mails = await mailsTo(request, diner)
  expect(mails).toHaveLength(1)
  expect(await chargesOf(request, orderId)).toHaveLength(1)
  const tracked = await (await request.get(`/api/orders/${orderId}`)).json()
  expect(TrackedOrder.parse(tracked).history.map(({ status }) => status)).toContain('paid')
  // Pressed once more, as by the way back and a reload, it stays the same.
  await page.reload()
  await expect(page.getByRole('button', { name: 'Send back' })).toHaveCount(0)
  expect(await mailsTo(request, diner)).toHaveLength(1)
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('so many of a reason as are chosen are parked by keyboard, after a question that can be answered with no', async ({
    page,
  }) => {
    test.setTimeout(120_000)
    const count = 12
    await Promise.all(Array.from({ length: count }, () => writeOrder('no order at all')))
    const openOf = async () => {
      await page.goto('/ops')
      const text = (await groupLink(page, /the value is not JSON/).textContent({ timeout: 1_000 })) ?? ''
      return Number(/\d+/.exec(text)?.[0])
    }
    await expect(async () => expect(await openOf()).toBeGreaterThanOrEqual(count)).toPass({ timeout: 30_000 })
    const before = await openOf()

    const choose = async () => {
      await page.goto('/ops')
      await groupLink(page, /the value is not JSON/).focus()
      await page.keyboard.press('Enter')
      await page.getByLabel('How many at once').selectOption('10')
      await page.getByRole('button', { name: 'Park…' }).focus()
      await page.keyboard.press('Enter')
      await expect(page.getByRole('heading', { name: `Park 10 of ${before}?` })).toBeVisible()
    }
    await choose()
    await page.getByRole('link', { name: 'No, leave them' }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: /^Park/ })).toHaveCount(0)
    expect(await openOf()).toBe(before)

    await choose()
    await page.getByRole('button', { name: 'Yes, park' }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('status')).toContainText(`Parked: 10. Of this kind are left: ${before - 10}.`)
    expect(await openOf()).toBe(before - 10)
  })
})

test('whoever is not of the staff sees no dead letter, and no page of another origin does anything', async ({
  baseURL: site = '',
}) => {
  for (const who of ['', 'staff:', 'staff:wrong', `cook:${staff.password}`]) {
    const headers = { 'x-staff': 'staff', ...(who && { authorization: `Basic ${btoa(who)}` }) }
    for (const [method, path] of [
      ['GET', '/ops'],
      ['GET', '/ops/groups/any'],
      ['GET', '/ops/letters/any'],
      ['POST', '/ops/act'],
    ] as const) {
      const answer = await fetch(site + path, { method, headers })
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([
        path,
        401,
        'Basic realm="kitchen"',
      ])
    }
  }
  const send = async (headers: Record<string, string>, form: Record<string, string>) => {
    const body = new URLSearchParams(form)
    const init = { method: 'POST', headers: { ...login, ...headers }, body, redirect: 'manual' } as const
    return (await fetch(`${site}/ops/act`, init)).status
  }
  const form = { act: 'park', id: 'order.dead-letters-0@0' }
  expect(await send({}, form)).toBe(403)
  expect(await send({ origin: 'null' }, form)).toBe(403)
  expect(await send({ origin: 'https://evil.example' }, form)).toBe(403)
  expect(await send({ origin: site, 'sec-fetch-site': 'cross-site' }, form)).toBe(403)
  for (const wrong of [
    {},
    { act: 'burn', id: form.id },
    { act: 'park', id: 'none' },
    { act: 'park', group: 'a' },
  ])
    expect(await send({ origin: site }, wrong as Record<string, string>)).toBe(400)
  expect(await send({ origin: site }, { ...form, more: 'x'.repeat(100_000) })).toBe(413)
})
