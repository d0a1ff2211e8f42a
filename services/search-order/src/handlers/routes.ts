import express, { type RequestHandler } from 'express'
import {
  httpBodies,
  jsonSchemas,
  OrderAccepted,
  OrderDeclined,
  PaymentKey,
  PlaceOrder,
  Restaurant,
  SearchHit,
  SearchQuery,
  StyleCount,
  StylesQuery,
  Total,
} from 'kafka-restaurants-contracts'
import { json, problem, type Route } from 'kafka-restaurants-service'
import { z } from 'zod'

const ETag = z.string().meta({ description: 'of this answer, to be sent back as `If-None-Match`' })
const notChanged = 'The same as the answer with the tag of `If-None-Match`'

/** What the service answers, by path. */
export const routes = (handlers: {
  search: RequestHandler
  styles: RequestHandler
  restaurant: RequestHandler
  paymentKey: RequestHandler
  order: RequestHandler
}) => ({
  title: 'search and order',
  schemas: { ...jsonSchemas(), ...httpBodies },
  routes: [
    {
      method: 'get',
      path: '/search',
      summary: 'Search restaurants',
      requestParams: { query: SearchQuery },
      responses: {
        200: {
          ...json('A page of those that fit', z.array(SearchHit)),
          headers: z.object({
            'X-Total-Count': z.string().meta({ description: 'how many there are on all pages' }),
            Link: z.string().optional().meta({
              description: 'the next page, as `<?…>; rel="next"`, unless this is the last (RFC 8288)',
            }),
            ETag,
          }),
        },
        304: { description: notChanged },
        400: problem('The cursor is none of this search'),
        422: problem('A filter is invalid'),
      },
      handle: handlers.search,
    },
    {
      method: 'get',
      path: '/styles',
      summary: 'The styles there are, and how many of the restaurants that fit have each',
      requestParams: { query: StylesQuery },
      responses: {
        200: { ...json('By name', z.array(StyleCount)), headers: z.object({ ETag }) },
        304: { description: notChanged },
        422: problem('A filter is invalid'),
      },
      handle: handlers.styles,
    },
    {
      method: 'get',
      path: '/restaurants/{id}',
      summary: 'One restaurant with its menu',
      requestParams: { path: z.object({ id: z.string() }) },
      responses: {
        200: {
          ...json('The restaurant', Restaurant.extend({ currency: Total.shape.currency })),
          headers: z.object({ ETag }),
        },
        304: { description: notChanged },
        404: problem('Unknown restaurant'),
      },
      handle: handlers.restaurant,
    },
    {
      method: 'get',
      path: '/payment-key',
      summary: 'The key to seal a card number with (JWE, ECDH-ES, A128GCM)',
      responses: { 200: json('A JWK', PaymentKey), 503: problem('Not known yet') },
      handle: handlers.paymentKey,
    },
    {
      method: 'post',
      path: '/orders',
      summary: 'Place an order',
      requestParams: {
        header: z.object({
          Prefer: z.string().optional().meta({
            description:
              'wait=N: waits up to N seconds, 25 at most, for the outcome: 200 when it is paid, 402 when it is declined, 202 when the time is up',
          }),
          'Idempotency-Key': z
            .string()
            .min(1)
            .max(255)
            .optional()
            .meta({ description: 'A repeat with the same key is the same order' }),
        }),
      },
      requestBody: { required: true, content: { 'application/json': { schema: PlaceOrder } } },
      responses: {
        200: json('Written to Kafka, and paid in time', OrderAccepted),
        202: json('Written to Kafka: to be asked for at statusUrl', OrderAccepted),
        400: problem('No JSON'),
        402: problem('Written to Kafka, and declined in time: nothing was charged', OrderDeclined),
        404: problem('Unknown restaurant'),
        409: problem('The key belongs to another order, or the total is another one than was seen'),
        413: problem('Too large'),
        422: problem('Invalid, with an entry for each faulty field'),
        429: problem('Too many at once'),
        503: problem('Kafka is away: try again after Retry-After'),
      },
      // A body is JSON whatever its Content-Type: curl -d sends none that says so.
      handle: [express.json({ type: () => true, limit: '32kb', strict: false }), handlers.order],
    },
  ] satisfies Route[],
})
