import { jsonSchemas, SearchQuery } from 'kafka-restaurants-contracts'
import { z } from 'zod'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
})
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})

/** The service's interface as OpenAPI 3.1, whose schemas are JSON Schema 2020-12: those of the contracts themselves. */
export function openApi(): object {
  const filters = z.toJSONSchema(SearchQuery, { io: 'input' }).properties ?? {}
  return {
    openapi: '3.1.0',
    info: { title: 'Kafka Restaurants: search and order', version: '1.0.0', license: { name: 'Apache-2.0' } },
    paths: {
      '/search': {
        get: {
          summary: 'Search restaurants',
          parameters: Object.entries(filters).map(([name, schema]) => ({ name, in: 'query', schema })),
          responses: {
            200: json('Those that fit', { type: 'array', items: ref('RestaurantSummary') }),
            422: problem('A filter is invalid'),
          },
        },
      },
      '/restaurants/{id}': {
        get: {
          summary: 'One restaurant with its menu',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: json('The restaurant', ref('Restaurant')), 404: problem('Unknown restaurant') },
        },
      },
      '/payment-key': {
        get: {
          summary: 'The key to seal a card number with (JWE, ECDH-ES, A128GCM)',
          responses: { 200: json('A JWK', ref('PaymentKey')), 503: problem('Not known yet') },
        },
      },
      '/orders': {
        post: {
          summary: 'Place an order',
          parameters: [
            {
              name: 'Idempotency-Key',
              in: 'header',
              description: 'A repeat with the same key is the same order',
              schema: { type: 'string', minLength: 1, maxLength: 255 },
            },
          ],
          requestBody: { required: true, content: { 'application/json': { schema: ref('PlaceOrder') } } },
          responses: {
            202: json('Written to Kafka', ref('OrderAccepted')),
            400: problem('No JSON'),
            404: problem('Unknown restaurant'),
            409: problem('The key belongs to another order, or the total is another one than was seen'),
            413: problem('Too large'),
            422: problem('Invalid, with an entry for each faulty field'),
            429: problem('Too many at once'),
            503: problem('Kafka is away: try again after Retry-After'),
          },
        },
      },
    },
    components: { schemas: jsonSchemas() },
  }
}
