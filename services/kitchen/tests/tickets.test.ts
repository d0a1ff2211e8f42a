import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { command, startKitchen } from './kitchen.ts'

const states = (tickets: { orderId: string; state: string }[]) =>
  tickets.map(({ orderId, state }) => `${orderId} ${state}`)

describe('a ticket', () => {
  it('is made once, however often and at the same time its order comes', async () => {
    const kitchen = await startKitchen()
    const taken = await Promise.all(Array.from({ length: 100 }, () => kitchen.take('order-1')))
    expect(taken.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(taken.filter(({ status }) => status === 200)).toHaveLength(99)
    expect(new Set(taken.map(({ ticket }) => JSON.stringify(ticket))).size).toBe(1)
    expect(await kitchen.list()).toEqual([taken[0]?.ticket])
  })

  it('becomes ready once, and a repeat of its order shows it as it is', async () => {
    const kitchen = await startKitchen()
    await kitchen.take('order-1')
    const first = await kitchen.ready('order-1')
    expect(first.status).toBe(200)
    const ticket = await first.json()
    expect(ticket).toMatchObject({ state: 'ready', readyAt: expect.any(String) })
    expect(await (await kitchen.ready('order-1')).json()).toEqual(ticket)
    expect(await kitchen.take('order-1', { fence: 7 })).toEqual({ status: 200, ticket })
    expect(await kitchen.metric('kitchen_tickets{state="ready"}')).toBe(1)
    // Nobody is to be told.
    expect(await kitchen.metric('kitchen_outbox{state="waiting"}')).toBe(0)
  })

  it('is one restaurant’s', async () => {
    const kitchen = await startKitchen()
    await kitchen.take('order-1')
    const response = await kitchen.post('/tickets', command('order-1', { restaurant: 'Thyme' }))
    expect(response.status).toBe(409)
    expect(states(await kitchen.list('?restaurant=Thyme'))).toEqual([])
  })

  it('survives kill -9', async () => {
    const kitchen = await startKitchen()
    const { ticket } = await kitchen.take('order-1')
    await kitchen.kill('SIGKILL')
    const again = await startKitchen({}, kitchen.folder)
    expect(await again.list()).toEqual([ticket])
    expect((await again.take('order-1')).status).toBe(200)
  })

  it('is removed when it has been ready for long, and never while it is cooking', async () => {
    const kitchen = await startKitchen()
    for (const id of ['order-1', 'order-2']) await kitchen.take(id)
    await kitchen.ready('order-1')
    await kitchen.kill('SIGTERM')
    const later = await startKitchen({ KEEP_DAYS: '0.00000001' }, kitchen.folder)
    await expect.poll(async () => states(await later.list())).toEqual(['order-2 cooking'])
  })
})

describe('for whom a ticket is', () => {
  const details = {
    name: 'Dana Cohen',
    phone: '+49 30 1234567',
    fulfilment: 'delivery' as const,
    address: { street: 'Olive Street 5', city: 'Berlin' },
    wanted_at: '2030-01-01T19:30:00+01:00',
    note: 'Ring twice',
  }

  it('the board shows, also after kill -9, and when it is ready', async () => {
    const kitchen = await startKitchen()
    await kitchen.take('order-1', { details })
    expect(await kitchen.list()).toMatchObject([details])
    await kitchen.kill('SIGKILL')
    const again = await startKitchen({}, kitchen.folder)
    expect(await (await again.ready('order-1')).json()).toMatchObject(details)
    expect(await again.list('?state=ready')).toMatchObject([details])
  })

  it('is not in the answer that goes on to a topic, nor in a log, nor in a metric', async () => {
    const kitchen = await startKitchen()
    const path = () => kitchen.post('/tickets', command('order-1', { details }))
    const answers = [await (await path()).text(), await (await path()).text()]
    await kitchen.ready('order-1')
    const metrics = await (await fetch(kitchen.metricsUrl)).text()
    for (const text of [...answers, kitchen.printed(), metrics])
      expect(text).not.toMatch(/Dana|1234567|Olive Street|Berlin|19:30|twice/)
    expect(kitchen.printed()).toContain('order-1')
  })
})

it('a file of before is taken over with its tickets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kitchen-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'deep/er'), { recursive: true })
  const before = new DatabaseSync(join(folder, 'deep/er/tickets.sqlite'))
  before.exec(`
    CREATE TABLE tickets (order_id TEXT PRIMARY KEY, restaurant TEXT NOT NULL, items TEXT NOT NULL,
      state TEXT NOT NULL, fence INTEGER, cooking_at TEXT NOT NULL, ready_at TEXT, change INTEGER NOT NULL) STRICT;
    INSERT INTO tickets VALUES ('old', 'Olive', '[]', 'cooking', 1, '2026-11-21T12:00:00.000Z', NULL, 1);
  `)
  before.close()
  const kitchen = await startKitchen({}, folder)
  await kitchen.take('new', { details: { name: 'Dana' } })
  expect(states(await kitchen.list())).toEqual(['old cooking', 'new cooking'])
})

describe('the list', () => {
  it('has what is cooking, the oldest first, and then what is ready, the newest first', async () => {
    const kitchen = await startKitchen()
    for (const id of ['1', '2', '3', '4']) await kitchen.take(id)
    await kitchen.take('5', { restaurant: 'Thyme & Co/2' })
    for (const id of ['3', '1']) await kitchen.ready(id)
    const ofOne = ['2 cooking', '4 cooking', '1 ready', '3 ready']
    expect(states(await kitchen.list('?restaurant=Olive'))).toEqual(ofOne)
    expect(states(await kitchen.list('?restaurant=Thyme+%26+Co%2F2'))).toEqual(['5 cooking'])
    expect(states(await kitchen.list())).toEqual(ofOne.toSpliced(2, 0, '5 cooking'))
    expect(states(await kitchen.list('?state=ready'))).toEqual(['1 ready', '3 ready'])
    expect(states(await kitchen.list('?restaurant=Olive&state=cooking'))).toEqual(['2 cooking', '4 cooking'])
  })

  it('has the 50 that became ready last, and all that are cooking', async () => {
    const kitchen = await startKitchen()
    const ids = Array.from({ length: 60 }, (_, number) => String(number))
    await Promise.all(ids.map(id => kitchen.take(id)))
    expect(await kitchen.list()).toHaveLength(60)
    for (const id of ids) await kitchen.ready(id)
    expect((await kitchen.list()).map(({ orderId }) => orderId)).toEqual(ids.slice(10).toReversed())
  })
})

describe('a board', () => {
  it('hears of what is cooking, and then of each change', async () => {
    const kitchen = await startKitchen()
    await kitchen.take('1')
    const [all, olive, cooking] = await Promise.all(
      ['', '?restaurant=Olive', '?state=cooking'].map(query => kitchen.watch(query)),
    )
    for (const board of [all, olive, cooking]) expect((await board?.next())?.tickets).toEqual(['1 cooking'])
    await kitchen.take('2', { restaurant: 'Thyme' })
    await kitchen.ready('1')
    expect((await all?.next())?.tickets).toEqual(['2 cooking'])
    for (const board of [all, olive]) expect((await board?.next())?.tickets).toEqual(['1 ready'])
    expect((await cooking?.next())?.tickets).toEqual(['2 cooking'])
    expect((await cooking?.next())?.tickets).toEqual(['1 ready'])
  })

  it('that comes back hears of what it has missed, in order, and nothing twice', async () => {
    const kitchen = await startKitchen()
    const board = await kitchen.watch()
    const { id, tickets } = (await board.next()) ?? {}
    expect(tickets).toEqual([])
    for (const order of ['1', '2', '3']) await kitchen.take(order)
    await kitchen.ready('1')
    const again = await kitchen.watch('', id)
    expect((await again.next())?.tickets).toEqual(['2 cooking', '3 cooking', '1 ready'])
    const fromElsewhere = await kitchen.watch('', '99')
    expect((await fromElsewhere.next())?.tickets).toEqual(['2 cooking', '3 cooking', '1 ready'])
  })

  it('hears the end when the kitchen stops', async () => {
    const kitchen = await startKitchen()
    const board = await kitchen.watch()
    await board.next()
    const exit = kitchen.kill('SIGTERM')
    expect(await board.next()).toBeUndefined()
    expect(await exit).toBe(0)
  })
})

describe('the autopilot', () => {
  it('is off unless it is asked for', async () => {
    expect(await (await startKitchen()).settings()).toEqual({ autopilotSeconds: null })
    expect(await (await startKitchen({ KITCHEN_AUTOPILOT: '0' })).settings()).toEqual({
      autopilotSeconds: null,
    })
  })

  it('makes a ticket ready after its time', async () => {
    const kitchen = await startKitchen({ KITCHEN_AUTOPILOT: '0.3' })
    expect(await kitchen.settings()).toEqual({ autopilotSeconds: 0.3 })
    await kitchen.take('1')
    await expect.poll(async () => states(await kitchen.list())).toEqual(['1 ready'])
    const [{ cookingAt, readyAt = '' } = { cookingAt: '' }] = await kitchen.list()
    expect(Date.parse(readyAt) - Date.parse(cookingAt)).toBeGreaterThanOrEqual(299)
  })

  it('goes on with what was cooking when the kitchen was killed', async () => {
    const kitchen = await startKitchen({ KITCHEN_AUTOPILOT: '3600' })
    await kitchen.take('1')
    await kitchen.kill('SIGKILL')
    const again = await startKitchen({ KITCHEN_AUTOPILOT: '0.01' }, kitchen.folder)
    await expect.poll(async () => states(await again.list())).toEqual(['1 ready'])
  })
})

it('names every fault of its environment and exits 2', async () => {
  const start = startKitchen({ COMMAND_QUEUE_URL: 'queue', KITCHEN_AUTOPILOT: 'yes' })
  await expect(start).rejects.toThrow(/exited with 2.*COMMAND_QUEUE_URL: .*\n.*KITCHEN_AUTOPILOT: /s)
})
