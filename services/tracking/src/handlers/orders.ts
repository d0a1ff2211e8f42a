import type { RequestHandler, Response } from 'express'
import type { OrderChange, PlaceInLine, TrackedOrder } from 'kafka-restaurants-contracts'
import { HttpProblem, type LiveUpdates, type Update } from 'kafka-restaurants-service'
import { z } from 'zod'
import { bySequence, type TrackedHistory } from '../history.ts'
import type { WatchedOrders } from '../watched-orders.ts'
import { orAway } from './or-away.ts'

export interface OrdersParts {
  find: (orderId: string) => Promise<TrackedHistory | undefined>
  watch: WatchedOrders['watch']
  live: LiveUpdates
}

/** Ids that nobody can guess, as search-order gives them: who knows one may see the order. */
const OrderId = z.uuid()

/**
 * `GET /orders/:id`: the order, or with `Accept: text/event-stream` each of its changes, also those that were before.
 * `Prefer: wait=N` waits for a change: of an order that is not known or decided yet, or of what `If-None-Match` names.
 */
export function orderHandler({ find, watch, live }: OrdersParts): RequestHandler {
  return async (request, response) => {
    const orderId = String(request.params.id)
    if (!OrderId.safeParse(orderId).success) throw unknownOrder()
    const isStream = request.accepts(['json', 'text/event-stream']) === 'text/event-stream'
    if (isStream && !(await orAway(find(orderId)))) throw unknownOrder()
    const watching = watch(orderId)
    const look = () => orAway(watching.find())
    try {
      if (isStream) {
        const places = placeNews()
        return await live.stream(request, response, orderId, async seen => {
          const found = await look()
          return [...updatesAfter(seen, found), ...places(found)]
        })
      }
      const have = request.get('If-None-Match')
      const news = await live.poll(request, response, orderId, async () => {
        const now = await look()
        return now && isNews(now, have) ? now : undefined
      })
      answer(response, news ?? (await orAway(find(orderId))), have)
    } finally {
      watching.end()
    }
  }
}

function answer(response: Response, found: TrackedHistory | undefined, have: string | undefined) {
  if (!found) throw unknownOrder()
  response.set({ ETag: tagOf(found), 'Cache-Control': 'no-cache', Vary: 'Accept' })
  if (have === tagOf(found)) response.status(304).end()
  else response.json(shown(found))
}

const unknownOrder = () =>
  new HttpProblem(404, 'No such order', {
    detail: 'An order is known here a moment after it was taken. Orders that are long over are removed.',
  })

/** Names what is known of an order (RFC 9110, 8.8.3): it changes with each change, and with its place in line. */
const tagOf = ({ changes, place }: TrackedHistory) =>
  place === undefined ? `"${changes.length}"` : `"${changes.length}-${place}"`

const isNews = (found: TrackedHistory, have: string | undefined) =>
  have === undefined ? found.order.seen.some(status => status !== 'placed') : have !== tagOf(found)

/**
 * The changes behind the one with that number. Of a number that is none, or that this order has not come to, all: the
 * database may have been filled anew since.
 */
function updatesAfter(seen: string, found: TrackedHistory | undefined) {
  const changes = found?.changes ?? []
  const isKnown = /^\d{1,6}$/.test(seen) && Number(seen) <= changes.length
  return changes
    .filter(({ number }) => !isKnown || number > Number(seen))
    .map(({ number, change }) => ({ id: String(number), data: change satisfies OrderChange }))
}

/**
 * For one stream: an event where the place in line is another than it was told, behind the changes that there are. It has
 * the id of the last of them: with another one or none a browser might not come back to where it was.
 */
function placeNews() {
  let told: number | undefined
  return (found: TrackedHistory | undefined): Update[] => {
    const placeInLine = found?.place
    if (placeInLine === told) return []
    told = placeInLine
    const id = String(found?.changes.length)
    return placeInLine === undefined
      ? []
      : [{ id, event: 'place', data: { placeInLine } satisfies PlaceInLine }]
  }
}

const shown = ({ order, changes, place: placeInLine }: TrackedHistory): TrackedOrder => {
  const { orderId, status, restaurant, email, cardLast4, items, amountCents, currency, reason } = order
  const history = changes.map(({ change }) => change).toSorted((a, b) => bySequence(a.status, b.status))
  return {
    orderId,
    status,
    placeInLine,
    restaurant,
    email,
    cardLast4,
    items,
    amountCents,
    currency,
    reason,
    history,
  }
}
