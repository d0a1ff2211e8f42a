import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InboxMessages, RestaurantSummary, topics } from 'kafka-restaurants-contracts'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { watchTopic } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { Pool } from 'undici'
import { card, sealedFor } from './load.ts'
import { cpuSeconds, cpuTable, percentile } from './measure.ts'
import { costTable, profileClock, profiling, readProfiles, type Stretch, topCosts } from './profile.ts'

/** When an order was sent, and when its confirmation and its mail were there; in ms since the epoch. */
interface Times {
  sent: number
  answered: number
  confirmed?: number
  mailed?: number
}
/** By order id. */
type Orders = Map<string, Times>

const whole = { type: 'string' } as const

/**
 * Starts a platform of its own, sends orders through the site's address, and prints what came of it: rates, latencies,
 * the CPU of each part, and with `--profile` what each spent most of it on.
 */
export async function benchOrders(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { orders: whole, 'in-flight': whole, rate: whole, seconds: whole, profile: { type: 'boolean' } },
  })
  const wanted = {
    orders: wholeNumber('--orders', values.orders, 3_000, { min: 1 }),
    inFlight: wholeNumber('--in-flight', values['in-flight'], 64, { min: 1 }),
    rate: wholeNumber('--rate', values.rate, 50, { min: 1 }),
    seconds: wholeNumber('--seconds', values.seconds, 20, { min: 1 }),
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const profiles = join(dataDir, 'profiles')
  const platform = await startPlatform({
    dataDir,
    portOffset: await freeOffset(),
    ...(values.profile && { env: profiling(profiles) }),
    ...showProgress(),
  })
  const names = new Map([...platform.processes.values()].map(({ name, pid }) => [pid, name]))
  const stretches = new Map<string, Stretch>()
  // A Node client by the address: `localhost` would be tried by IPv6 first.
  const site = new Pool(platform.urls.site.replace('localhost', '127.0.0.1'), {
    connections: wanted.inFlight,
  })
  const measured = async (title: string, count: number, load: (orders: Orders) => Promise<void>) => {
    console.log(`\n${title}`)
    stretches.set(title, await run(platform, title, count, load))
  }
  try {
    const place = await orderPlacer(platform, site)
    await run(platform, 'warm-up', 300, orders => closedLoop(300, 16, () => place(orders)))
    await measured(`${wanted.orders} orders, ${wanted.inFlight} under way at once`, wanted.orders, orders =>
      closedLoop(wanted.orders, wanted.inFlight, () => place(orders)),
    )
    await measured(
      `${wanted.rate} orders a second for ${wanted.seconds} s`,
      wanted.rate * wanted.seconds,
      orders => openLoop(wanted.rate, wanted.seconds, () => place(orders)),
    )
  } finally {
    await site.destroy()
    await platform.stop()
    if (values.profile) printProfiles(profiles, names, stretches)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** What each Node process spent most of its CPU on in each run. Kafka is Java, and NGINX is C: those are not seen into. */
function printProfiles(folder: string, names: Map<number, string>, stretches: Map<string, Stretch>): void {
  const profiles = readProfiles(folder)
  for (const [title, stretch] of stretches) {
    console.log(`\n${title}: what each part spent most of its CPU on, by itself (profiling costs some, too)`)
    for (const [pid, profile] of profiles) {
      const name = names.get(pid)
      if (!name) continue
      console.log(`  ${name}`)
      console.log(costTable(topCosts(profile, stretch)).join('\n'))
    }
  }
}

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
async function orderPlacer(platform: Platform, site: Pool): Promise<(orders: Orders) => Promise<void>> {
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
async function closedLoop(count: number, inFlight: number, act: () => Promise<void>): Promise<void> {
  let left = count
  const sendAll = async () => {
    while (left-- > 0) await act()
  }
  await Promise.all(Array.from({ length: inFlight }, sendAll))
}

/** @returns when it was, without what is asked at its end */
async function run(
  platform: Platform,
  name: string,
  count: number,
  load: (orders: Orders) => Promise<void>,
): Promise<Stretch> {
  const orders: Orders = new Map()
  const early = new Map<string, number>()
  const watch = await watchTopic(
    platform.bootstrap,
    createContext('bench', 'silent').log,
    topics.orderConfirm,
    record => {
      for (const { order_id } of JSON.parse(record.value.toString()) as { order_id: string }[]) {
        early.set(order_id, Date.now())
      }
    },
  )
  const mailsBefore = await mailsReceived(platform)
  const cpuBefore = cpuSeconds(platform)
  const begun = profileClock()
  await load(orders)
  const all = () => early.size >= orders.size && [...orders.keys()].every(id => early.has(id))
  await waitUntil('every order confirmed', 120_000, all)
  await waitUntil(
    'every order mailed',
    120_000,
    async () => (await mailsReceived(platform)) >= mailsBefore + count,
  )
  const cpuAfter = cpuSeconds(platform)
  const stretch: Stretch = [begun, profileClock()]
  const mailed = await mailTimes(platform)
  await watch.stop()
  if (name === 'warm-up') return stretch
  for (const [id, times] of orders)
    orders.set(id, { ...times, confirmed: early.get(id), mailed: mailed.get(id) })
  report(count, [...orders.values()], cpuBefore, cpuAfter)
  return stretch
}

/** How many mails the inbox has ever got. */
async function mailsReceived({ urls }: Platform): Promise<number> {
  const response = await fetch(`${urls.inbox}/api/messages?limit=1`)
  return InboxMessages.parse(await response.json()).total
}

/** When each order's mail arrived, by order id; looked up at the end, so that the asking costs nothing meanwhile. */
async function mailTimes({ urls }: Platform): Promise<Map<string, number>> {
  const response = await fetch(`${urls.inbox}/api/messages?limit=10000`)
  const { messages } = InboxMessages.parse(await response.json())
  return new Map(
    messages.map(({ messageId, receivedAt }) => [
      /^<?([^.]+)\./.exec(messageId)?.[1] ?? '',
      Date.parse(receivedAt),
    ]),
  )
}

function report(
  count: number,
  orders: Times[],
  before: Map<string, number>,
  after: Map<string, number>,
): void {
  const first = Math.min(...orders.map(({ sent }) => sent))
  for (const [what, at] of [
    ['POST → 202', (times: Times) => times.answered],
    ['POST → confirmed', (times: Times) => times.confirmed ?? Number.NaN],
    ['POST → mail', (times: Times) => times.mailed ?? Number.NaN],
  ] as const) {
    const seconds = (Math.max(...orders.map(at)) - first) / 1000
    const took = orders.map(times => at(times) - times.sent)
    console.log(
      `  ${what.padEnd(17)} ${(count / seconds).toFixed(0).padStart(5)} orders/s   p50 ${percentile(took, 50)} ms   p99 ${percentile(took, 99)} ms`,
    )
  }
  for (const line of cpuTable(count, before, after)) console.log(`  ${line}`)
}
