import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import {
  cardDigits,
  faultInWords,
  isSealed,
  money,
  type Order,
  type OrderAccepted,
  type OrderDeclined,
  PlaceOrder,
  type Problem,
  type Restaurant,
  type Total,
  tipFault,
  wantedAtFault,
  whyDeclined,
} from 'kafka-restaurants-contracts'
import { BacklogFullError, KafkaUnavailableError } from 'kafka-restaurants-kafka'
import { HttpProblem, idempotencyKey, parseRequest, preferredWait } from 'kafka-restaurants-service'
import type { Outcome } from '../adapters/outcomes.ts'
import { fingerprint, orderIdFor, orderRecord, type PricedOrder, priceItems } from '../place-order.ts'
import { ofAnotherOrder, type RememberedKeys } from '../remembered-keys.ts'
import type { CatalogueIndex } from '../search/catalogue-index.ts'
import { unknownRestaurant } from './search.ts'

export interface OrderParts {
  catalogue: () => Pick<CatalogueIndex, 'find' | 'currency'>
  seal: (digits: string) => Promise<string | undefined>
  /** Writes the order to Kafka; resolves when it is there for good. */
  write: (order: Order, more: { fingerprint: string; traceparent: string | undefined }) => Promise<void>
  remembered: RememberedKeys
  /** What ids are derived with: the same in every process. */
  idSecret: () => Promise<string>
  /** What came of an order, if it is told before the signal is aborted. */
  outcome: (orderId: string, signal: AbortSignal) => Promise<Outcome | undefined>
  /** The fingerprint of an order that is on Kafka already, by its id, whichever process took it. */
  taken: (orderId: string) => Promise<string | undefined>
  now: () => Date
}

/**
 * `POST /orders`: 202 means that the order is on Kafka, acknowledged by all in-sync replicas. Who prefers to wait is told,
 * where it is known in time, that it is paid (200) or declined (402).
 */
export const ordersHandler =
  (parts: OrderParts): RequestHandler =>
  async (request, response) => {
    const body = parseRequest(PlaceOrder, request.body, 'Invalid order')
    const key = idempotencyKey(request)
    const orderId = key === undefined ? randomUUID() : orderIdFor(key, await parts.idSecret().catch(refuse))
    const asked = fingerprint(body)
    // The catalogue is asked within: a repeat is the same order, whatever the catalogue says by then.
    const place = async () => {
      const price = priceOf(body, parts.catalogue(), parts.now())
      if ('refusal' in price) {
        if (key === undefined) throw price.refusal
        // This process does not know the key, but it may be new, or one of several.
        const before = await parts.taken(orderId).catch(refuse)
        if (before === undefined) throw price.refusal
        if (before !== asked) throw ofAnotherOrder()
        return
      }
      const sealedCard = await sealed(body.creditCard, parts.seal)
      const order = orderRecord({ orderId, body, sealedCard, ...price, now: parts.now() })
      await parts.write(order, { fingerprint: asked, traceparent: traceparent(request) }).catch(refuse)
    }
    const waiting = waitingFor(request, response)
    // Asked before it is written: it may be decided at once.
    const outcome = waiting && parts.outcome(orderId, waiting.signal)
    try {
      await (key === undefined ? place() : parts.remembered.once(key, asked, place))
    } catch (error) {
      waiting?.end()
      throw error
    }
    const decided = await outcome
    waiting?.end()
    // Beside this one: the edge has another path for it than we.
    const statusUrl = `orders/${orderId}`
    response.set('Location', statusUrl)
    if (decided?.status === 'declined') throw orderDeclined({ orderId, statusUrl, reason: decided.reason })
    const status = decided?.status ?? 'accepted'
    const answer: OrderAccepted = { message: messages[status], orderId, status, statusUrl }
    response.status(status === 'paid' ? 200 : 202).json(answer)
  }

const messages: Readonly<Record<OrderAccepted['status'], string>> = {
  accepted: 'Order accepted: we are charging the card',
  paid: 'Order paid',
}

/** The order is there, and can be asked for: the card alone is refused. */
const orderDeclined = (order: Pick<OrderDeclined, 'orderId' | 'statusUrl' | 'reason'>) =>
  new HttpProblem(402, 'The card was declined', {
    detail: `${whyDeclined(order.reason)} Nothing was charged.`,
    members: { ...order, orderStatus: 'declined' satisfies OrderDeclined['orderStatus'] },
  })

/** The edge waits for 30 s. */
const longestWaitS = 25

/** How long the caller waits for the outcome (`Prefer: wait`), if at all: aborted when that is over, or the caller has left. */
function waitingFor(request: Request, response: Response) {
  const seconds = Math.min(preferredWait(request), longestWaitS)
  if (seconds === 0) return undefined
  response.set('Preference-Applied', `wait=${seconds}`)
  const over = new AbortController()
  const end = () => over.abort()
  const timer = setTimeout(end, seconds * 1_000)
  over.signal.addEventListener('abort', () => clearTimeout(timer))
  response.on('close', end)
  return { signal: over.signal, end }
}

/**
 * What the order costs now, or why it can't be had: no such restaurant or dish (any more), not so or not then, or another
 * total than was seen.
 */
function priceOf(
  body: PlaceOrder,
  catalogue: ReturnType<OrderParts['catalogue']>,
  at: Date,
): { refusal: HttpProblem } | Pick<PricedOrder, 'restaurant' | 'priced' | 'currency'> {
  const restaurant = catalogue.find(body.restaurant)
  if (!restaurant) return { refusal: unknownRestaurant() }
  const dishes = priceItems(restaurant, body.items)
  const errors = 'faults' in dishes ? dishes.faults : faultsOf(body, restaurant, dishes.amountCents, at)
  if ('faults' in dishes || errors.length > 0)
    return { refusal: new HttpProblem(422, 'Invalid order', { errors }) }
  const priced = { ...dishes, amountCents: dishes.amountCents + (body.tipCents ?? 0) }
  const { currency = catalogue.currency } = restaurant
  const now: Total = { amountCents: priced.amountCents, currency }
  const { total: seen = now } = body
  if (seen.amountCents === now.amountCents && seen.currency === currency)
    return { restaurant, priced, currency }
  const [was, is] = [seen, now].map(each => money(each.amountCents, each.currency))
  const refusal = new HttpProblem(409, 'The price has changed', {
    detail: `The order was ${was} when it was seen, and is ${is} now. Nothing was ordered.`,
    errors: [{ field: 'total', message: `is ${is} now` }],
    members: { total: { seen, now } satisfies Problem['total'] },
  })
  return { refusal }
}

/** What of an order's details can't be had here and now, by field. */
function faultsOf(
  { fulfilment, wantedAt, tipCents = 0 }: PlaceOrder,
  restaurant: Restaurant,
  dishesCents: number,
  now: Date,
) {
  const faults = {
    fulfilment:
      fulfilment === 'delivery' && !restaurant.delivery
        ? `${restaurant.name} does not deliver: choose "pickup"`
        : undefined,
    wantedAt: wantedAt && faultInWords(wantedAtFault(wantedAt, now.getTime())),
    tipCents: faultInWords(tipFault(tipCents, dishesCents)),
  }
  return Object.entries(faults).flatMap(([field, message]) => (message ? [{ field, message }] : []))
}

/** The caller's trace (W3C Trace Context). Anything else by that name goes no further: it could hold a card number. */
function traceparent(request: Request): string | undefined {
  const given = request.get('traceparent') ?? ''
  return /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(given) ? given : undefined
}

async function sealed(card: string, seal: OrderParts['seal']): Promise<string> {
  if (isSealed(card)) return card
  const jwe = await seal(cardDigits(card))
  if (jwe) return jwe
  throw new HttpProblem(503, "The bank's key is not known yet", {
    detail: 'The order was not taken. Try again soon.',
    headers: { 'Retry-After': '2' },
  })
}

function refuse(cause: unknown): never {
  if (cause instanceof BacklogFullError) {
    throw new HttpProblem(429, 'Too many orders at once', {
      cause,
      detail: 'The order was not taken. Try again soon.',
      headers: { 'Retry-After': '1' },
    })
  }
  if (cause instanceof KafkaUnavailableError) {
    throw new HttpProblem(503, 'Orders can not be taken now', {
      cause,
      detail: 'Try again with the same Idempotency-Key: the order will be charged once.',
      headers: { 'Retry-After': '5' },
    })
  }
  throw cause
}
