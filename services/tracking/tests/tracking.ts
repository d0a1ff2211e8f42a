import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrackedOrder } from 'kafka-restaurants-contracts'
import type { OutputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { expect, inject, onTestFinished, vi } from 'vitest'

const brokers = inject('bootstrap')
export const kafka = testKafka(brokers, createContext('test', 'silent').log)

/** Topics and a group of one test. */
export async function ownTopics(partitions = 3) {
  const [order, confirm, declined, status, requests, actionable, events] = await Promise.all(
    ['order', 'confirm', 'declined', 'status', 'requests', 'actionable', 'events'].map(name =>
      kafka.topic(name, partitions),
    ),
  )
  return {
    order: order ?? '',
    confirm: confirm ?? '',
    declined: declined ?? '',
    status: status ?? '',
    requests: requests ?? '',
    actionable: actionable ?? '',
    events: events ?? '',
    group: randomUUID(),
  }
}
export type Topics = Awaited<ReturnType<typeof ownTopics>>

/** A folder that is gone with the test. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The environment of a tracking service on these topics; `database` is what names its database. */
export const envOf = (topics: Topics, database: Record<string, string>) => ({
  BOOTSTRAP_SVR: brokers,
  GROUP_ID: topics.group,
  ORDER_TOPIC: topics.order,
  CONFIRM_TOPIC: topics.confirm,
  DECLINED_TOPIC: topics.declined,
  REQUESTS_TOPIC: topics.requests,
  ACTIONABLE_TOPIC: topics.actionable,
  EVENTS_TOPIC: topics.events,
  STATUS_TOPIC: topics.status,
  LOG_LEVEL: 'info',
  ...database,
})

/** Starts one, ended with the test. */
export async function startTracking(env: Record<string, string>): Promise<SpawnedService> {
  const service = await spawnService('tracking', { SPOOL_FILE: join(ownFolder(), 'spool.sqlite'), ...env })
  onTestFinished(() => void service.kill('SIGKILL'))
  return service
}

/** A file for an embedded database, gone with the test. */
export const databaseFile = () => join(ownFolder(), 'tracking.sqlite')

export const placed = ({ order }: Topics, orderId: string): OutputRecord => ({
  topic: order,
  key: orderId,
  value: JSON.stringify({
    order_id: orderId,
    restaurant: 'The Fig Tree',
    email: 'dana@example.com',
    credit_card: 'sealed',
    card_last4: '4242',
    items: [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }],
    amount_cents: 1000,
    currency: 'EUR',
    placed_at: '2026-11-26T12:00:00.000Z',
  }),
})

const outcome = (orderId: string) => ({
  order_id: orderId,
  restaurant: 'The Fig Tree',
  email: 'dana@example.com',
  card_last4: '4242',
  amount_cents: 1000,
  currency: 'EUR',
})

export const paid = ({ confirm }: Topics, orderId: string): OutputRecord => ({
  topic: confirm,
  key: 'The Fig Tree',
  value: JSON.stringify([{ ...outcome(orderId), payment_id: 'p', confirmed_at: '2026-11-26T12:00:01.000Z' }]),
})

export const declined = ({ declined }: Topics, orderId: string): OutputRecord => ({
  topic: declined,
  key: 'The Fig Tree',
  value: JSON.stringify([
    { ...outcome(orderId), reason: 'card_declined', declined_at: '2026-11-26T12:00:01.000Z' },
  ]),
})

const fig = 'The Fig Tree'

export const requested = ({ requests }: Topics, id: string, restaurant = fig): OutputRecord => ({
  topic: requests,
  key: restaurant,
  value: JSON.stringify({ id, message: JSON.stringify({ restaurant, items: [] }) }),
})

export const started = ({ actionable }: Topics, id: string, restaurant = fig): OutputRecord => ({
  topic: actionable,
  key: restaurant,
  value: JSON.stringify({ id, message: '{}', fence: 1 }),
})

/** What is told of a command; it has ended unless given. */
export const told = ({ events }: Topics, id: string, type = 'TERMINATING'): OutputRecord => ({
  topic: events,
  key: fig,
  value: JSON.stringify({ id, type, fence: 1 }),
})

export const ask = (service: SpawnedService, orderId: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/orders/${orderId}`, { headers })

/** An order once it has come to a status. */
export async function orderOnce(service: SpawnedService, orderId: string, status: string) {
  return vi.waitFor(
    async () => {
      const order = TrackedOrder.parse(await (await ask(service, orderId)).json())
      expect(order.status).toBe(status)
      return order
    },
    { timeout: 30_000, interval: 50 },
  )
}
