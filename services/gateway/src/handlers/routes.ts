import express, { type Express, type RequestHandler } from 'express'
import { addRoutes, crossOrigin, json, problem, type Route as ServedRoute } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Gateway, Route } from '../config/schema.ts'

const Pending = z
  .object({ status: z.literal('pending'), id: z.string(), location: z.string() })
  .meta({ description: 'The reply has not come yet; it will be at `location`' })

const own = ['X-API-Key', 'Authorization']

/** Adds what the gateway answers, and `GET /openapi.json`, which describes it. */
export function routes(
  http: Express,
  gateway: Gateway,
  {
    admitted,
    call,
    reply,
  }: { admitted: RequestHandler[]; call: (route: Route) => RequestHandler; reply: RequestHandler },
): void {
  http.set('trust proxy', gateway.trustProxy)
  const names = gateway.routes.flatMap(({ correlationId, headers }) => [...correlationId.header, ...headers])
  http.use(
    crossOrigin(gateway.cors, 'answered', {
      methods: ['PUT', 'PATCH', 'DELETE'],
      allowedHeaders: [...new Set([...own, ...names])],
      exposedHeaders: ['Correlation-Id', ...gateway.routes.flatMap(({ replies }) => replies.headers)],
    }),
  )
  addRoutes(http, {
    title: 'gateway',
    schemas: {},
    routes: [
      ...gateway.routes.map(route => served(route, [...admitted, ...reading(route), call(route)])),
      {
        method: 'get',
        path: '/replies/{id}',
        summary: 'The reply of a call with Prefer: respond-async or an Idempotency-Key',
        requestParams: { path: z.object({ id: z.string() }), header: z.object({ Prefer: prefer }) },
        responses: {
          200: {
            description:
              "The reply, with the replier's status and content type; or, where the caller accepts that, a stream whose event `reply` has it",
          },
          202: json('The reply has not come yet', Pending),
          404: problem('No call has that id, or its reply is not kept any more'),
          503: problem('Kafka is away'),
        },
        handle: [...admitted, reply],
      },
    ],
  })
}

/** The bytes as they came: JSON is read by the route itself, which puts the id into it. */
const reading = ({ method, maxBytes }: Route): RequestHandler[] =>
  method === 'GET' || method === 'DELETE' ? [] : [express.raw({ type: () => true, limit: maxBytes })]

const prefer = z
  .string()
  .optional()
  .meta({ description: '`wait=SECONDS`: wait so long at most. `respond-async`: answer 202 at once' })

function served(route: Route, handle: RequestHandler[]): ServedRoute {
  const { method, path, topic, feedbackTopic, schema, body, correlationId } = route
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string()] as const)
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const shape = (typeof schema === 'object' && schema !== null ? schema : { type: 'object' }) as object
  const content = body === 'json' ? { 'application/json': { schema: shape } } : { '*/*': {} }
  return {
    method: method.toLowerCase() as ServedRoute['method'],
    path,
    summary: `A request on ${topic}, answered with its reply on ${feedbackTopic}`,
    requestParams: {
      path: z.object(Object.fromEntries(parameters)),
      header: z.object({
        Prefer: prefer,
        'Idempotency-Key': z
          .string()
          .optional()
          .meta({ description: 'A repeat with it writes no second request' }),
        [correlationId.header[0] ?? 'X-Request-ID']: z
          .string()
          .optional()
          .meta({ description: "The caller's own id of the call" }),
      }),
    },
    ...(hasBody && { requestBody: { required: true, content } }),
    responses: {
      200: { description: "The reply, with the replier's status and content type" },
      202: json('Taken; the reply will be at Location', Pending),
      400: problem('No JSON, or an id that can not be used'),
      401: problem('No API key, where one is needed'),
      409: problem('The id is in use, or the Idempotency-Key was used with another request'),
      413: problem('Too large'),
      415: problem('No JSON'),
      422: problem('Invalid: each faulty field is named'),
      429: problem('Too many calls'),
      502: problem('The reply can not be passed on'),
      503: problem('Kafka is away, or too many calls wait: try again after Retry-After'),
      504: problem('No reply in time'),
    },
    handle,
  }
}
