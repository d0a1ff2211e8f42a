import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrderAccepted, RestaurantSummary } from 'kafka-restaurants-contracts'
import { type Command, spawnLogged } from 'kafka-restaurants-dev-env/child'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { findLab, inLab } from './lab.ts'
import { type Lab, namespace } from './raise.ts'

const answerWithinMs = 10_000

/** The site, through the frontend's port on the node. */
export async function siteOf({ run, node }: Lab): Promise<string> {
  const service = ['get', 'service', 'kafka-restaurants-frontend', '--namespace', namespace]
  return `${node}:${await run('kubectl', [...service, '-o', 'jsonpath={.spec.ports[0].nodePort}'])}`
}

/** The catalogue as a diner finds it. @throws Error when the search does not answer */
async function search(site: string) {
  const answer = await fetch(`${site}/api/search`, { signal: AbortSignal.timeout(answerWithinMs) })
  return RestaurantSummary.array().parse(await answer.json())
}

/** The ids of all restaurants. */
export const restaurantIds = async (site: string): Promise<string[]> =>
  (await search(site)).map(({ id }) => id)

/** Waits until the search has a restaurant of that name. @returns after how many seconds */
export async function waitForRestaurant(site: string, name: string): Promise<string> {
  const startedAt = Date.now()
  const isThere = async () => (await search(site).catch(() => [])).some(found => found.name === name)
  // A kubelet looks for changes of its ConfigMaps about once a minute.
  await waitUntil(`"${name}" on the site`, 180_000, isThere, 500)
  return `${((Date.now() - startedAt) / 1000).toFixed(0)} s`
}

/** A port of a pod or Service, for as long as `use` runs. @param target such as service/kafka-restaurants-inbox */
export async function forwarded<Result>(
  target: string,
  port: number,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const here = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'forward-'))
  const logFile = join(folder, 'log')
  const words = ['port-forward', target, `${here}:${port}`, '--namespace', namespace]
  const command: Command = { ...inLab(findLab(), 'kubectl', words), env: process.env }
  const child = spawnLogged(command, logFile)
  try {
    await waitUntil(`port ${port} of ${target}`, 20_000, async () => {
      if (child.exit) throw new Error(`kubectl port-forward ${target}:\n${child.lastLines()}`)
      return fetch(`http://127.0.0.1:${here}/`).then(
        () => true,
        () => false,
      )
    })
    return await use(`http://127.0.0.1:${here}`)
  } finally {
    await child.stop(2_000)
    rmSync(folder, { recursive: true })
  }
}

/** An order that the site took. */
export interface TakenOrder {
  orderId: string
  /** Its own, so that its mails can be told apart. */
  email: string
}

/** Orders a second, at all restaurants in turn, each asked for with its Idempotency-Key until it is taken. */
export async function startOrders(site: string, rate: number, signal: AbortSignal) {
  const restaurants = await search(site)
  const orders: Promise<TakenOrder>[] = []
  let repeats = 0
  let slowestMs = 0

  const order = async (): Promise<TakenOrder> => {
    const restaurant = restaurants[orders.length % restaurants.length]?.id
    const email = `diner-${randomUUID()}@example.com`
    const request = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
      body: JSON.stringify({ restaurant, email, creditCard: '4242424242424242' }),
    }
    const taken = async () => {
      signal.throwIfAborted()
      const answer = await fetch(`${site}/api/orders`, {
        ...request,
        signal: AbortSignal.timeout(answerWithinMs),
      }).catch(() => undefined)
      if (answer?.ok) return OrderAccepted.parse(await answer.json())
      if (answer && answer.status < 500 && answer.status !== 429)
        throw new Error(`an order was answered ${answer.status} ${await answer.text()}`)
      repeats++
      return undefined
    }
    const startedAt = Date.now()
    const { orderId } = await waitUntil('an order', 120_000, taken, 500)
    slowestMs = Math.max(slowestMs, Date.now() - startedAt)
    return { orderId, email }
  }
  const timer = setInterval(() => {
    const sent = order()
    sent.catch(() => {}) // told by stop()
    orders.push(sent)
  }, 1_000 / rate)
  return {
    /** @returns all orders, as soon as each has its answer, how often it had to be asked again, and the longest wait */
    async stop() {
      clearInterval(timer)
      return { orders: await Promise.all(orders), repeats, slowestMs }
    },
  }
}
