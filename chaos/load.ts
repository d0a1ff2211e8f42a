import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { exportJWK, generateKeyPair } from 'jose'
import {
  maxValueBytes,
  OrderAccepted,
  OrderDeclined,
  PaymentKey,
  RestaurantSummary,
  topics,
} from 'kafka-restaurants-contracts'
import { sealCard } from 'kafka-restaurants-contracts/seal-card'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import {
  batchingProducer,
  type Compression,
  compressions,
  type InputRecord,
  type OutputRecord,
} from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import type { Answer, OrderRecord, SentOrder } from './check.ts'
import { oneOf, randomFrom } from './random.ts'

/** What is sent, and how often of a hundred. */
export const usualMix = {
  good: 44,
  declined: 14,
  /** Several requests with one Idempotency-Key, at the same time. */
  concurrent: 8,
  /** The same request once more, seconds later. */
  repeated: 8,
  /** The client prefers to wait for what comes of it. */
  waiting: 6,
  'without key': 5,
  /** To the address that the mail server refuses at times. */
  refused: 3,
  'first-generation': 6,
  broken: 6,
}
export type Mix = Partial<typeof usualMix>
type Kind = keyof typeof usualMix

export const goodCards = ['4242424242424242', '5555555555554444', '6011111111111117', '378282246310005']
export const decliningCards = [
  '4000000000000002',
  '4000000000009995',
  '4000000000000069',
  '4000000000009987',
  '4000000000009979',
]
export const refusedEmail = 'refused@example.com'

/** What other producers write. */
export type Foreign = 'compressed' | 'of many headers' | 'of the largest size'

/** Says in a record of topic `order` what it is meant to be. */
const kindHeader = 'chaos'
export function kindOf({ headers, undecodable }: InputRecord): OrderRecord['kind'] {
  if (undecodable) return 'broken'
  const kind = headers[kindHeader]
  return kind === 'broken' || kind === 'first-generation' ? kind : 'placed'
}

/** The orders of a run, as they are sent. */
export interface Load {
  orders: SentOrder[]
  /** Records written straight into topic `order`. */
  records: () => number
  /** Has others write into topic `order`: records that are valid, and that ours never write. */
  foreign: Record<Foreign, () => Promise<void>>
  /** Acts that are not finished yet, their repeats included. */
  underWay: () => number
  /** Sends at the set rate, however long the answers take. Resolves when all acts are finished. */
  run: (seconds: number, rate: number) => Promise<void>
  /** Lets go of Kafka. */
  stop: () => Promise<void>
}

const answerWithinMs = 8_000
const mostTries = 6

/** @param options.mix how often each kind comes, relative to the others */
export async function createLoad(
  platform: Platform,
  { seed, mix, signal }: { seed: number; mix: Mix; signal: AbortSignal },
): Promise<Load> {
  const random = randomFrom(seed + 1)
  const { searchOrder } = platform.urls
  const restaurants = RestaurantSummary.array().parse(await (await fetch(`${searchOrder}/search`)).json())
  const sealed = await sealedCards(searchOrder)
  const foreignSealed = await foreignCard()
  const { log } = createContext('chaos', 'silent')
  const connection = { brokers: platform.bootstrap, clientId: 'chaos', log }
  const producers = new Map(
    compressions.map(compression => [
      compression,
      batchingProducer(connection, { timeoutMs: 5_000, compression }),
    ]),
  )
  const deck = Object.entries(mix).flatMap(([kind, share]) => Array<Kind>(share).fill(kind as Kind))
  const orders: SentOrder[] = []
  let records = 0
  let underWay = 0

  const diner = () => `diner-${randomUUID()}@example.com`
  const newOrder = (card: string, expected: SentOrder['expected'], email = diner()) => {
    const order: SentOrder = { email, expected, answers: [] }
    orders.push(order)
    const creditCard = random() < 0.5 ? card : (sealed.get(card) ?? card)
    const body = { restaurant: oneOf(random, restaurants).id, email, creditCard, cardLast4: card.slice(-4) }
    const send = async (key?: string, prefer?: string) => {
      const headers = { ...(key && { 'Idempotency-Key': key }), ...(prefer && { Prefer: prefer }) }
      const answer = await post(`${searchOrder}/orders`, JSON.stringify(body), headers)
      order.answers.push(answer)
      return answer
    }
    return send
  }
  const goodOrder = (email?: string) => newOrder(oneOf(random, goodCards), 'confirmed', email)
  const decliningOrder = () => newOrder(oneOf(random, decliningCards), 'declined')

  /** A client that asks again with the same key while there is hope; three in ten give up at once. */
  const persist = async (send: (key?: string) => Promise<Answer>, key: string) => {
    const tries = random() < 0.3 ? 1 : mostTries
    for (let attempt = 1; ; attempt++) {
      const answer = await send(key)
      if (!isOpen(answer) || attempt === tries) return
      const leastMs = (answer.retryAfter ?? 0.5) * 1_000
      await delay(leastMs + random() * 2_500, undefined, { signal })
    }
  }
  const write = async (
    { headers, ...record }: Omit<OutputRecord, 'topic'>,
    kind: OrderRecord['kind'],
    compression: Compression = 'none',
  ) => {
    records++
    // Whether it was written is seen in the topic.
    await producers
      .get(compression)
      ?.send({ ...record, topic: topics.order, headers: { ...headers, [kindHeader]: kind } })
      .catch(() => {})
  }
  const firstGeneration = (): Omit<OutputRecord, 'topic'> => {
    const card = oneOf(random, [...goodCards, ...decliningCards])
    const note = random() < 0.3 ? { note: `paid with ${card}` } : {}
    const { name: restaurant } = oneOf(random, restaurants)
    return { key: null, value: JSON.stringify({ email: diner(), credit_card: card, restaurant, ...note }) }
  }
  const foreign: Load['foreign'] = {
    compressed: async () => {
      for (const compression of compressions)
        await Promise.all(
          Array.from({ length: 5 }, () => write(firstGeneration(), 'first-generation', compression)),
        )
      await write({ key: null, value: Buffer.alloc(tooLargeDecompressed) }, 'broken', 'gzip')
    },
    'of many headers': () => write({ ...firstGeneration(), headers: manyHeaders }, 'first-generation'),
    'of the largest size': () => {
      const value = `{"credit_card":"${oneOf(random, goodCards)}","note":"`.padEnd(largestValue, 'x')
      return write({ key: null, value }, 'broken')
    },
  }

  const acts: Record<Kind, () => Promise<unknown>> = {
    good: () => persist(goodOrder(), randomUUID()),
    declined: () => persist(decliningOrder(), randomUUID()),
    concurrent: () => {
      const [send, key] = [goodOrder(), randomUUID()]
      return Promise.all([persist(send, key), persist(send, key), persist(send, key)])
    },
    repeated: async () => {
      const [send, key] = [random() < 0.8 ? goodOrder() : decliningOrder(), randomUUID()]
      await persist(send, key)
      await delay(1_000 + random() * 9_000, undefined, { signal })
      await persist(send, key)
    },
    waiting: () => {
      const send = random() < 0.7 ? goodOrder() : decliningOrder()
      return persist(key => send(key, 'wait=5'), randomUUID())
    },
    'without key': () => goodOrder()(),
    refused: () => persist(goodOrder(refusedEmail), randomUUID()),
    'first-generation': () => write(firstGeneration(), 'first-generation'),
    broken: () => write(oneOf(random, brokenRecords)(restaurants[0]?.name ?? '', foreignSealed), 'broken'),
  }
  const act = async () => {
    underWay++
    // Only Ctrl-C rejects an act.
    await acts[oneOf(random, deck)]().catch(() => {})
    underWay--
  }

  return {
    orders,
    foreign,
    records: () => records,
    underWay: () => underWay,
    async run(seconds, rate) {
      await openLoop(rate, seconds, act, signal)
    },
    async stop() {
      await Promise.all([...producers.values()].map(producer => producer.stop()))
    },
  }
}

const manyHeaders = Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [`header-${index}`, 'x']))
/** With what wraps it, a record of this value is as large as topic `order` takes: 16 MiB. */
const largestValue = 16 * 1024 * 1024 - 400
/** More than is read of a batch. */
const tooLargeDecompressed = 33 * 1024 * 1024

/** Whether a client asks again: there was no answer, or one that says "later". */
const isOpen = ({ status }: Answer) => status === 0 || status === 429 || status >= 500

/** What can't be handled, each in its own way. */
const brokenRecords: ((restaurant: string, foreignCard: string) => Omit<OutputRecord, 'topic'>)[] = [
  () => ({ key: 'no-json', value: '{"order": ' }),
  () => ({ key: 'empty', value: '' }),
  () => ({ key: 'no-order', value: JSON.stringify({ hello: 'world', items: 'many' }) }),
  () => ({ key: goodCards[0] ?? '', value: `charge ${goodCards[1]} or ${decliningCards[0]}` }),
  (restaurant, credit_card) => ({ key: null, value: order(restaurant, { credit_card }) }),
  restaurant => ({ key: null, value: order(restaurant, { note: 'x'.repeat(maxValueBytes) }) }),
]

const order = (restaurant: string, more: object) =>
  JSON.stringify({
    order_id: randomUUID(),
    email: 'broken@example.com',
    credit_card: goodCards[0],
    restaurant,
    ...more,
  })

async function post(url: string, body: string, headers: Record<string, string>): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const answer: unknown = await response.json()
    const { status } = response
    if (status === 402) return { status, orderId: OrderDeclined.parse(answer).orderId, told: 'declined' }
    if (response.ok) {
      const { orderId, status: told } = OrderAccepted.parse(answer)
      return { status, orderId, ...(told === 'paid' && { told: 'confirmed' }) }
    }
    const retryAfter = response.headers.get('Retry-After')
    return { status, ...(retryAfter && { retryAfter: Number(retryAfter) }) }
  } catch {
    return { status: 0 }
  }
}

/** Every card sealed for the bank, by number, as a browser would. */
async function sealedCards(searchOrder: string): Promise<Map<string, string>> {
  const key = PaymentKey.parse(await (await fetch(`${searchOrder}/payment-key`)).json())
  const cards = [...goodCards, ...decliningCards]
  return new Map(await Promise.all(cards.map(async card => [card, await sealCard(card, key)] as const)))
}

/** A card that is sealed well, but for another bank. */
async function foreignCard(): Promise<string> {
  const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519' })
  const key = { ...(await exportJWK(publicKey)), kid: 'another-bank', alg: 'ECDH-ES', use: 'enc' }
  return sealCard(goodCards[0] ?? '', PaymentKey.parse(key))
}
