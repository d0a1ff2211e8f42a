import { InboxMessages, RestaurantSummary, topics } from 'kafka-restaurants-contracts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { kafkaClient } from 'kafka-restaurants-kafka'
import { watchTopic } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import type { Pool } from 'undici'
import { card, sealedFor } from './load.ts'
import { cpuSeconds } from './measure.ts'
import { profileClock, type Stretch } from './profile.ts'

const { log } = createContext('bench', 'silent')

/** When an order was sent, and when its confirmation and its mail were there; in ms since the epoch. */
export interface Times {
  sent: number
  answered: number
  confirmed?: number | undefined
  mailed?: number | undefined
}
/** By order id. */
export type Orders = Map<string, Times>

/** Orders go to all restaurants in turn: outcomes are keyed by restaurant, and one key's are handled one by one. */
async function restaurantIds({ urls }: Platform): Promise<string[]> {
  const response = await fetch(`${urls.searchOrder}/search`)
  return RestaurantSummary.array()
    .parse(await response.json())
    .map(({ id }) => id)
}

/**
 * Sends orders, to each restaurant in its turn. All that can be made beforehand is: the load is on the same machine as
 * what it measures, and undici's pool costs a fraction of `fetch`.
 */
export async function orderPlacer(
  platform: Platform,
  site: Pool,
): Promise<(orders: Orders) => Promise<void>> {
  const creditCard = await sealedFor(platform, card)
  const bodies = (await restaurantIds(platform)).map(restaurant =>
    JSON.stringify({ email: 'bench@example.com', cardLast4: card.slice(-4), restaurant, creditCard }),
  )
  const headers = { 'content-type': 'application/json' }
  let next = 0
  return async orders => {
    const sent = Date.now()
    const body = bodies[next++ % bodies.length] ?? null
    const response = await site.request({ method: 'POST', path: '/api/orders', headers, body })
    const answer = await response.body.text()
    if (response.statusCode !== 202)
      throw new Error(`an order was answered ${response.statusCode}: ${answer}`)
    orders.set((JSON.parse(answer) as { orderId: string }).orderId, { sent, answered: Date.now() })
  }
}

/** Keeps `inFlight` requests under way until `count` were sent. */
export async function closedLoop(count: number, inFlight: number, act: () => Promise<void>): Promise<void> {
  let left = count
  const sendAll = async () => {
    while (left-- > 0) await act()
  }
  await Promise.all(Array.from({ length: inFlight }, sendAll))
}

/** What came of orders that were sent. */
export interface OrdersRun {
  orders: Times[]
  /** When it was, without what is asked at its end. */
  stretch: Stretch
  /** The CPU seconds that each part had used before and after it. */
  cpu: [before: Map<string, number>, after: Map<string, number>]
}

/** Sends `count` orders, and waits until each is confirmed and mailed. */
export async function runOrders(
  platform: Platform,
  count: number,
  load: (orders: Orders) => Promise<void>,
): Promise<OrdersRun> {
  const orders: Orders = new Map()
  const early = new Map<string, number>()
  const watch = await watchTopic(platform.bootstrap, log, topics.orderConfirm, record => {
    for (const { order_id } of JSON.parse(record.value.toString()) as { order_id: string }[]) {
      early.set(order_id, Date.now())
    }
  })
  const { inbox = '' } = platform.urls
  const mailsBefore = await mailsReceived(inbox)
  const cpuBefore = cpuSeconds(platform)
  const begun = profileClock()
  await load(orders)
  const all = () => early.size >= orders.size && [...orders.keys()].every(id => early.has(id))
  await waitUntil('every order confirmed', 120_000, all)
  await waitUntil(
    'every order mailed',
    120_000,
    async () => (await mailsReceived(inbox)) >= mailsBefore + count,
  )
  const cpuAfter = cpuSeconds(platform)
  const stretch: Stretch = [begun, profileClock()]
  const mailed = await mailTimes(inbox)
  await watch.stop()
  const times = [...orders].map(([id, sent]) => ({
    ...sent,
    confirmed: early.get(id),
    mailed: mailed.get(id),
  }))
  return { orders: times, stretch, cpu: [cpuBefore, cpuAfter] }
}

/** Where the topics of a platform end, all partitions summed up (with the markers of transactions). */
export async function topicEnds({ bootstrap }: Platform): Promise<Map<string, number>> {
  const admin = kafkaClient({ brokers: bootstrap, clientId: 'bench', log }).admin()
  await admin.connect()
  try {
    const names = (await admin.listTopics()).filter(name => !name.startsWith('__'))
    const looks = names.map(async name => {
      const offsets = await admin.fetchTopicOffsets(name)
      return [name, offsets.reduce((sum, { high }) => sum + Number(high), 0)] as const
    })
    return new Map(await Promise.all(looks))
  } finally {
    await admin.disconnect()
  }
}

/** Resolves when nothing was written to Kafka for 3 s: mails are sent, dishes are ready, and everybody knows. */
export async function settled(platform: Platform): Promise<void> {
  let last = ''
  let since = Date.now()
  await waitUntil('all that follows from the orders', 180_000, async () => {
    const now = JSON.stringify([...(await topicEnds(platform))])
    if (now !== last) since = Date.now()
    last = now
    return Date.now() - since > 3_000
  })
}

/** How many orders a second reached what `at` tells, from the first one sent to the last one there. */
export function ordersPerSecond(orders: Times[], at: (times: Times) => number | undefined): number {
  const first = Math.min(...orders.map(({ sent }) => sent))
  const last = Math.max(...orders.map(times => at(times) ?? Number.NaN))
  return (1000 * orders.length) / (last - first)
}

/** How many mails the inbox has ever got. */
export async function mailsReceived(inbox: string): Promise<number> {
  const response = await fetch(`${inbox}/api/messages?limit=1`)
  return InboxMessages.parse(await response.json()).total
}

/** When each order's mail arrived, by order id; looked up at the end, so that the asking costs nothing meanwhile. */
export async function mailTimes(inbox: string): Promise<Map<string, number>> {
  const response = await fetch(`${inbox}/api/messages?limit=10000`)
  const { messages } = InboxMessages.parse(await response.json())
  return new Map(
    messages.map(({ messageId, receivedAt }) => [
      /^<?([^.]+)\./.exec(messageId)?.[1] ?? '',
      Date.parse(receivedAt),
    ]),
  )
}
