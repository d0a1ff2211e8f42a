import { topicFault } from 'kafka-restaurants-contracts'
import { z } from 'zod'
import {
  amqpNameFault,
  covers,
  deadLetterFault,
  isSubject,
  natsNameFault,
  sourceQueueFault,
  sourceStreamFault,
} from '../brokers/names.ts'
import { defaultRules } from '../call/rules.ts'
import {
  always,
  exactlyOne,
  file,
  headers,
  named,
  passHeaders,
  strict,
  template,
  text,
  tls,
  url,
  whole,
} from './fields.ts'
import {
  acksOf,
  brokersOf,
  ConsumerConfig,
  differingKey,
  isCompressed,
  ProducerConfig,
} from './kafka-properties.ts'
import { isTemplate } from './template.ts'

export const KafkaListener = strict({
  type: z.literal('kafka'),
  topic: named(topicFault).describe('where the events come from'),
  consumerConfig: ConsumerConfig.describe("librdkafka's properties, see below"),
})
export type KafkaListener = z.output<typeof KafkaListener>

const withoutUser = [
  (url: string) => !URL.parse(url)?.username && !URL.parse(url)?.password,
  'has a user or a password in it: these belong into auth',
] as const

const natsServers = z
  .array(url(/^(nats|tls):/i, 'nats://host:4222 or tls://host:4222').refine(...withoutUser))
  .min(1)
  .describe('`nats://host:4222`, or `tls:`; one or more of the same cluster')

const NatsAuth = strict({
  user: text.optional().describe('with `password` or `passwordFile`'),
  password: text.optional().describe('better from the environment'),
  passwordFile: file.optional().describe('the file that holds it'),
  token: text.optional().describe('in place of a user'),
  tokenFile: file.optional().describe('the file that holds it'),
  credsFile: file.optional().describe('the `.creds` file of a user, in place of the others'),
}).superRefine((auth, context) => {
  const given = Object.keys(auth).filter(key => key !== 'user')
  if (given.length > 1) context.addIssue(`${given.join(' and ')} are there, and one is enough`)
  else if (given.length === 0)
    context.addIssue('give user with password or passwordFile, token, tokenFile, or credsFile')
  else if (given[0]?.startsWith('password') !== (auth.user !== undefined))
    context.addIssue('user belongs together with password or passwordFile')
})

export const NatsListener = strict({
  type: z.literal('nats'),
  servers: natsServers,
  stream: named(sourceStreamFault).describe('the JetStream stream, which must be there'),
  subject: text.describe('which of its subjects to read; wildcards are fine'),
  durable: named(natsNameFault).describe(
    'the durable consumer, whose acknowledgements say what is done; made when it is not there',
  ),
  auth: NatsAuth.optional(),
  tls: tls.optional(),
})
export type NatsListener = z.output<typeof NatsListener>

const amqpUrl = {
  url: url(/^amqps?:/, 'amqp://user:password@host:5672/vhost')
    .optional()
    .describe('`amqp://user:password@host:5672/vhost`, or `amqps:`'),
  urlFile: file.optional().describe('the file that holds it, in place of `url`'),
}

const keepsTls = ({ url, tls }: { url?: string | undefined; tls?: object | undefined }) =>
  !tls || url === undefined || /^amqps:/i.test(url)
const lostTls = 'needs a url with amqps:, as amqp: goes in clear text'

export const RabbitmqListener = strict({
  type: z.literal('rabbitmq'),
  ...amqpUrl,
  queue: named(sourceQueueFault).describe('where the events come from'),
  tls: tls.optional(),
})
  .refine(...exactlyOne('url', 'urlFile'))
  .refine(keepsTls, { path: ['tls'], error: lostTls })
export type RabbitmqListener = z.output<typeof RabbitmqListener>

const BasicAuth = strict({
  type: z.literal('basic'),
  username: text,
  password: text.optional().describe('better from the environment'),
  passwordFile: file.optional().describe('the file that holds it; read again when it changes'),
}).refine(...exactlyOne('password', 'passwordFile'))

const BearerAuth = strict({
  type: z.literal('bearer'),
  token: text.optional().describe('better from the environment'),
  tokenFile: file.optional().describe('the file that holds it; read again when it changes'),
}).refine(...exactlyOne('token', 'tokenFile'))

const httpUrl = url(/^https?:/, 'http://… or https://…')

const OAuth2 = strict({
  type: z.literal('oauth2'),
  tokenUrl: httpUrl.describe('where tokens are asked for, by client credentials'),
  clientId: text.describe("eventor's name there"),
  clientSecret: text.optional().describe('better from the environment'),
  clientSecretFile: file.optional().describe('the file that holds it; read again when it changes'),
  scope: text.optional().describe('the scopes to ask for, with blanks between'),
  audience: text.optional().describe('whom the token is for'),
}).refine(...exactlyOne('clientSecret', 'clientSecretFile'))

const Auth = z.discriminatedUnion('type', [BasicAuth, BearerAuth, OAuth2])

const isHttp = (url: string) =>
  /\{[{%]/.test(url) ? /^(https?:\/\/|\{)/i.test(url) : /^https?:$/.test(URL.parse(url)?.protocol ?? '')

export const HttpHandler = strict({
  type: z.literal('http'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']).default('POST'),
  url: template({ inUrl: true })
    .refine(isHttp, 'must be a URL: http://… or https://…')
    .refine(...withoutUser)
    .describe('a template; what comes from the event is percent-encoded in it, but for `{{ … | raw }}`'),
  headers: headers
    .default({})
    .describe('the values are templates; `Content-Type` is `application/text` unless it is here'),
  body: template({}, z.string()).optional().meta({ default: "the event's bytes", description: 'a template' }),
  passHeaders: passHeaders('traceparent', 'correlation_id').describe(
    "the event's headers that go into the request; `traceparent` and `correlation_id` always do",
  ),
  timeoutMs: whole(1).default(30_000).describe('how long an answer may take, to its last byte'),
  auth: Auth.optional(),
  tls: tls.optional(),
}).refine(
  ({ auth, headers, passHeaders }) =>
    !auth || ![...Object.keys(headers), ...passHeaders].some(name => /^authorization$/i.test(name)),
  { path: ['auth'], error: 'give auth or the header Authorization, not both' },
)
export type HttpHandler = z.output<typeof HttpHandler>

/** A status, all of a hundred, or `network`: no answer at all. */
const Rules = z.array(
  z.preprocess(
    rule => (typeof rule === 'number' ? String(rule) : rule),
    z
      .string()
      .regex(/^([1-5]\d\d|[1-5]xx|network)$/, 'must be a status (404), all of a hundred (4xx), or network'),
  ),
)

const ErrorHandling = strict({
  retry: Rules.optional().meta({
    default: defaultRules.retry,
    description: 'tried again: a status, all of a hundred (`5xx`), or `network`, which is no answer at all',
  }),
  deadLetter: Rules.optional().meta({
    default: defaultRules.deadLetter,
    description: 'dead letters at once. The more exact entry wins; of two alike, the one in `retry`',
  }),
  ignore: Rules.optional().describe('done, and nothing is published'),
  maxAttempts: whole(1).default(10).describe('a dead letter after so many tries; outages are not counted'),
  backoff: strict({
    firstMs: whole(1)
      .default(200)
      .describe('how long to wait before the second try; then twice as long, and so on'),
    longestMs: whole(1).default(60_000).describe('the longest wait; `Retry-After` may ask for more'),
  })
    .refine(({ firstMs, longestMs }) => firstMs <= longestMs, {
      path: ['longestMs'],
      error: 'must be at least firstMs',
    })
    .prefault({}),
  deadLetterTopic: text.optional().meta({
    default: '<topic>.dead-letters',
    description: 'the topic, subject or queue for dead letters, at the broker that the events come from',
  }),
})

const ofProcessors = {
  when: z
    .array(z.enum(['onSuccess', 'onError']))
    .min(1, 'names nothing: onSuccess, onError, or both')
    .default(['onSuccess'])
    .describe(
      '`onSuccess`: a status below 400. `onError`: one from 400 on, which is published then, unless `retry` or `deadLetter` names it in this file',
    ),
}
const ownOnResult = ['source', 'response_status', 'content-type', 'traceparent', 'correlation_id']
const passHeadersOfResponse = (...own: string[]) =>
  passHeaders(...ownOnResult, ...own).describe(
    "the response's headers that go onto the result; `traceparent` and `correlation_id` always do",
  )
const ofResult = { ofResult: true }

export const KafkaProcessor = strict({
  type: z.literal('kafka'),
  topic: named(topicFault).describe('where the responses go'),
  ...ofProcessors,
  passHeaders: passHeadersOfResponse(),
  key: template(ofResult).optional().meta({ default: "the event's key", description: 'a template' }),
  producerConfig: ProducerConfig.describe("librdkafka's properties, see below"),
})
export type KafkaProcessor = z.output<typeof KafkaProcessor>

export const NatsProcessor = strict({
  type: z.literal('nats'),
  servers: natsServers,
  subject: template(ofResult)
    .refine(subject => isTemplate(subject) || isSubject(subject), 'is no subject that one can publish to')
    .describe('where the responses go, a template; a JetStream stream must have it'),
  ...ofProcessors,
  passHeaders: passHeadersOfResponse('key'),
  auth: NatsAuth.optional(),
  tls: tls.optional(),
})
export type NatsProcessor = z.output<typeof NatsProcessor>

export const RabbitmqProcessor = strict({
  type: z.literal('rabbitmq'),
  ...amqpUrl,
  exchange: named(amqpNameFault, z.string())
    .default('')
    .describe('where the responses go; `""` takes them to the queue `routingKey`'),
  routingKey: template(ofResult, z.string())
    .superRefine((key, context) => {
      const fault = isTemplate(key) ? undefined : amqpNameFault(key)
      if (fault) context.addIssue(fault)
    })
    .describe('a template'),
  ...ofProcessors,
  passHeaders: passHeadersOfResponse('key'),
  tls: tls.optional(),
})
  .refine(...exactlyOne('url', 'urlFile'))
  .refine(keepsTls, { path: ['tls'], error: lostTls })
export type RabbitmqProcessor = z.output<typeof RabbitmqProcessor>

const Listener = z.discriminatedUnion('type', [KafkaListener, NatsListener, RabbitmqListener])
type Listener = z.output<typeof Listener>
const Processor = z.discriminatedUnion('type', [KafkaProcessor, NatsProcessor, RabbitmqProcessor])
type Processor = z.output<typeof Processor>

export const Pipeline = strict({
  name: text.optional().meta({
    default: '<listener topic>-to-<processor topic>',
    description: 'names it in logs and metrics; no two have the same',
  }),
  logLevel: whole(0, 3).default(1).describe('0 DEBUG, 1 INFO, 2 WARN, 3 ERROR'),
  concurrency: whole(1, 500)
    .default(1)
    .describe('how many events are called for at once, of each partition; never two of one key'),
  delivery: z
    .enum(['at-least-once', 'exactly-once'])
    .default('at-least-once')
    .describe(
      '`exactly-once`: result and commit are one Kafka transaction; the endpoint may be called again',
    ),
  eventListener: Listener,
  eventHandler: HttpHandler,
  errorHandling: ErrorHandling.prefault({}),
  eventResultProcessor: Processor.optional(),
})
  .refine(pipeline => !whyNotExactlyOnce(pipeline), {
    path: ['delivery'],
    error: ({ input }) => whyNotExactlyOnce(input as Ends),
    ...always,
  })
  .refine(({ eventListener, errorHandling }) => !comesBack(eventListener, errorHandling.deadLetterTopic), {
    path: ['errorHandling', 'deadLetterTopic'],
    error: 'must be another one than the events come from: they would come back',
  })
  .refine(pipeline => !isLoop(pipeline), {
    path: ['eventResultProcessor', 'topic'],
    error: 'must be another one than the events come from: results would be events again',
  })
  .refine(
    ({ eventListener, errorHandling }) => errorHandling.deadLetterTopic || !hasWildcard(eventListener),
    {
      path: ['errorHandling', 'deadLetterTopic'],
      error: 'must be given, as the subject that is read has wildcards',
    },
  )
  .superRefine(({ eventListener, errorHandling }, context) => {
    const given = errorHandling.deadLetterTopic
    const name = given ?? `${topicOf(eventListener)}.dead-letters`
    const fault = hasWildcard(eventListener) && !given ? undefined : deadLetterFault[eventListener.type](name)
    if (!fault) return
    const message = given ? fault : `must be given: <topic>.dead-letters ${fault}`
    context.addIssue({ code: 'custom', path: ['errorHandling', 'deadLetterTopic'], message })
  })
  .transform(({ name, errorHandling, ...others }) => {
    const from = topicOf(others.eventListener)
    return {
      name: name ?? [from, topicOf(others.eventResultProcessor)].filter(each => each).join('-to-'),
      ...others,
      errorHandling: {
        ...errorHandling,
        deadLetterTopic: errorHandling.deadLetterTopic ?? `${from}.dead-letters`,
      },
    }
  })
export type Pipeline = z.output<typeof Pipeline>

const isLoop = ({ eventListener: from, eventResultProcessor: to }: Ends) =>
  from?.type === 'kafka' &&
  to?.type === 'kafka' &&
  from.topic === to.topic &&
  sorted(brokersOf(from.consumerConfig)) === sorted(brokersOf(to.producerConfig))

const comesBack = (listener: Listener, topic = '') =>
  listener.type === 'nats' ? covers(listener.subject, topic) : topic === topicOf(listener)

const hasWildcard = (listener: Listener) => listener.type === 'nats' && /[*>]/.test(listener.subject)

/** What a listener reads or a processor writes, as a name. */
export function topicOf(end: Listener | Processor | undefined): string {
  if (end?.type === 'kafka') return end.topic
  if (end?.type === 'nats') return end.subject
  if (!end) return ''
  return 'queue' in end ? end.queue : end.exchange || end.routingKey
}

interface Ends {
  delivery?: string
  eventListener?: Listener
  eventResultProcessor?: Processor | undefined
}

/** Looks at what may have other faults. */
function whyNotExactlyOnce({ delivery, eventListener: from, eventResultProcessor: to }: Ends) {
  if (delivery !== 'exactly-once') return undefined
  if (from?.type !== 'kafka' || to?.type !== 'kafka')
    return 'exactly-once needs an eventListener and an eventResultProcessor of type kafka'
  const { success: reads, data: consumer } = ConsumerConfig.safeParse(from.consumerConfig)
  const { success: writes, data: producer } = ProducerConfig.safeParse(to.producerConfig)
  if (!reads || !writes) return undefined
  if (sorted(brokersOf(consumer)) !== sorted(brokersOf(producer)))
    return 'exactly-once needs the same bootstrap.servers in consumerConfig and producerConfig'
  if (acksOf(producer) !== -1) return 'exactly-once needs acks: all'
  const differs = differingKey(consumer, producer)
  if (differs) return `exactly-once needs the same ${differs} in consumerConfig and producerConfig`
  return isCompressed(producer)
    ? 'exactly-once writes uncompressed: leave compression.type out of producerConfig'
    : undefined
}

const sorted = (brokers: string) => brokers.split(',').sort().join()
