import { file, headerName, named, strict, text, truth, whole } from 'kafka-restaurants-config-file'
import { topicFault } from 'kafka-restaurants-contracts'
import { ClientConfig } from 'kafka-restaurants-kafka/properties'
import { allowedOrigins } from 'kafka-restaurants-service'
import { z } from 'zod'
import { compileSchema } from '../json-schema.ts'

/** For checks across keys: they are made even where something else is wrong. */
const always = { when: () => true }
const topic = named(topicFault)
const mostNames = 32
const headerNames = z
  .array(headerName)
  .max(mostNames)
  .transform(names => names.map(name => name.toLowerCase()))
const fieldName = text.max(64).regex(/^[\w-]+$/, 'can have letters, digits, "_" and "-" alone')
const hour = 3_600_000

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const method = z.preprocess(
  value => (typeof value === 'string' ? value.toUpperCase() : value),
  z.enum(methods),
)

/** The gateway's own paths. */
const own = /^\/(health|replies|openapi\.json)(\/|$)/
const path = text.superRefine((path, context) => {
  if (!/^(\/([\w.~-]+|\{[A-Za-z_]\w*\}))+$/.test(path))
    context.addIssue('must be like /quotes or /restaurants/{id}/quotes')
  else if (own.test(path)) context.addIssue('is a path of the gateway itself')
  const names = path.match(/\{\w+\}/g) ?? []
  if (new Set(names).size < names.length) context.addIssue('has two parameters of one name')
})

const JsonSchema = z.unknown().superRefine((schema, context) => {
  if (schema === undefined) return
  try {
    compileSchema(schema)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
  }
})

const Replies = strict({
  header: headerName.optional().meta({
    default: 'correlationId.field',
    description: "the record header that has the request's id",
  }),
  field: fieldName.optional().meta({
    default: 'correlationId.field',
    description: 'the field of the body that has it, where there is no such header',
  }),
  statusHeader: headerName
    .default('response_status')
    .describe("the record header that sets the answer's status, 200 to 599; eventor writes this one"),
  contentTypeHeader: headerName.default('content-type').describe('the one that sets its content type'),
  headers: headerNames.default([]).describe('record headers that go into the answer, at most 32'),
  maxBytes: whole(1, 16_777_216).default(1_048_576).describe('a larger reply is answered with 502'),
})

export const Route = strict({
  path: path.describe(
    'such as `/quotes` or `/restaurants/{id}/quotes`; parameters become fields of the body',
  ),
  method: method.default('POST').describe('of GET, the query becomes the body'),
  topic: topic.describe('where the requests go'),
  feedbackTopic: topic.describe('where the replies come from'),
  correlationId: strict({
    header: z
      .preprocess(value => (typeof value === 'string' ? [value] : value), z.array(headerName).min(1).max(8))
      .default(['Kong-Request-ID', 'X-Request-ID'])
      .describe("the HTTP headers that may bring the caller's own id; the first that is there"),
    field: fieldName
      .default('correlation_id')
      .describe('the field of the body, and the record header, that it is put into'),
  }).prefault({}),
  key: text
    .regex(
      /^(correlationId|(body|path|query)(\.[\w-]+)+|header\.[\w-]+)$/,
      'must be correlationId, or such as body.customer.id, path.id, query.id or header.X-Tenant',
    )
    .default('correlationId')
    .describe("the record's key: `correlationId`, `body.FIELD`, `path.NAME`, `query.NAME` or `header.NAME`"),
  timeoutMs: whole(1, hour).default(10_000).describe('so long a call waits for its reply, at most; then 504'),
  retain: truth
    .default(true)
    .describe(
      'whether replies may be kept: unless, `Prefer: respond-async` and `Idempotency-Key` are passed over',
    ),
  headers: headerNames.default([]).describe('HTTP headers that go into the record, at most 32'),
  body: z
    .enum(['json', 'bytes'])
    .default('json')
    .describe('`json`: an object, that gets the id. `bytes`: as it comes, and the id is in the header alone'),
  maxBytes: whole(1, 16_777_216).default(65_536).describe('a larger body is answered with 413'),
  schema: JsonSchema.optional().describe(
    'JSON Schema 2020-12 of the body; what does not fit is answered with 422',
  ),
  replies: Replies.prefault({}),
})
  .refine(({ topic, feedbackTopic }) => topic !== feedbackTopic, {
    path: ['feedbackTopic'],
    error: 'must be another topic than the requests go to: they would be their own replies',
    ...always,
  })
  .refine(({ body, schema }) => body !== 'bytes' || schema === undefined, {
    path: ['schema'],
    error: 'needs body: json',
    ...always,
  })
  .refine(({ body, key }) => body !== 'bytes' || !String(key).startsWith('body.'), {
    path: ['key'],
    error: 'needs body: json',
    ...always,
  })
  .transform(({ replies, ...route }) => ({
    ...route,
    replies: {
      ...replies,
      header: replies.header ?? route.correlationId.field,
      field: replies.field ?? route.correlationId.field,
    },
  }))
export type Route = z.output<typeof Route>

export const ApiKey = strict({
  name: fieldName.describe('names the client in metrics and claims'),
  key: text.min(16).optional().describe('better from the environment'),
  keyFile: file.optional().describe('or the file that has it'),
}).refine(({ key, keyFile }) => (key === undefined) !== (keyFile === undefined), {
  error: 'give key or keyFile',
  ...always,
})

const listed = (value: unknown) =>
  typeof value === 'string' ? value.split(',').flatMap(each => each.trim() || []) : value
const cors = z
  .preprocess(listed, z.array(text).max(100))
  .default([])
  .refine(origins => !Array.isArray(origins) || allowedOrigins.safeParse(origins.join(',')).success, {
    error: 'must be origins as browsers send them, such as https://a.example',
  })

export const Gateway = strict({
  kafka: ClientConfig.prefault({ 'bootstrap.servers': 'localhost:9092' }).describe(
    "librdkafka's properties of a connection, as in eventor; and `linger.ms`, `batch.num.messages`, `message.timeout.ms`, `compression.type`",
  ),
  createTopics: truth
    .default(false)
    .describe('whether topics of routes that there are not are made, with the settings of the cluster'),
  routes: z.array(Route).min(1).max(200).superRefine(apart, always),
  maxPending: whole(1, 1_000_000)
    .default(20_000)
    .describe('calls that wait at once; one more is answered with 503'),
  callsTopic: topic
    .default('gateway-calls')
    .describe(
      'what the replicas tell each other of calls that are async or have an Idempotency-Key; it is made',
    ),
  retainMs: whole(1_000, 168 * hour)
    .default(900_000)
    .describe('so long their replies can be had'),
  maxRetained: whole(1, 1_000_000)
    .default(100_000)
    .describe('such calls at once; one more is answered with 503'),
  retainBytes: whole(0)
    .default(67_108_864)
    .describe('of their replies in memory; others are read from Kafka again'),
  apiKeys: z
    .array(ApiKey)
    .max(1_000)
    .default([])
    .describe('who may call, by `X-API-Key` or a bearer token; anybody unless given'),
  cors: cors.describe('the web pages of other origins that may call; a list, or text joined by commas'),
  rateLimit: strict({
    calls: whole(1).describe('of a client (an API key, or an address) in `perMs`'),
    perMs: whole(100, hour).default(60_000),
  }).optional(),
  trustProxy: whole(0, 10)
    .default(0)
    .describe('how many proxies stand before it and tell the address of the client'),
}).superRefine(({ routes, callsTopic, apiKeys }, context) => {
  const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message })
  for (const [index, { topic, feedbackTopic }] of routes.entries()) {
    if (topic === callsTopic) fault(['routes', index, 'topic'], 'is callsTopic, which has records of its own')
    if (feedbackTopic === callsTopic)
      fault(['routes', index, 'feedbackTopic'], 'is callsTopic, which has records of its own')
  }
  const names = new Set<string>()
  for (const [index, { name }] of apiKeys.entries()) {
    if (names.has(name)) fault(['apiKeys', index, 'name'], 'another key has this name')
    names.add(name)
  }
})
export type Gateway = z.output<typeof Gateway>

/** Each call has one route. Paths that differ in the names of parameters alone are one. Looks at what may have other faults. */
function apart(routes: unknown, context: z.core.$RefinementCtx): void {
  const seen = new Set<string>()
  for (const [index, route] of (Array.isArray(routes) ? routes : []).entries()) {
    const { method, path } = Object(route)
    if (typeof path !== 'string') continue
    const place = `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`
    const message = `another route has ${method} and this path`
    if (seen.has(place)) context.addIssue({ code: 'custom', path: [index, 'path'], message })
    seen.add(place)
  }
}
