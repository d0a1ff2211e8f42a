import { strict, text, whole } from 'kafka-restaurants-config-file'
import {
  acksOf,
  brokersOf,
  ConsumerConfig,
  differingKey,
  isCompressed,
  ProducerConfig,
} from 'kafka-restaurants-kafka/properties'
import { z } from 'zod'
import { HttpHandler } from '../adapters/http/schema.ts'
import { KafkaListener, KafkaProcessor } from '../adapters/kafka/schema.ts'
import { covers, deadLetterFault } from '../adapters/names.ts'
import { NatsListener, NatsProcessor } from '../adapters/nats/schema.ts'
import { RabbitmqListener, RabbitmqProcessor } from '../adapters/rabbitmq/schema.ts'
import { defaultRules } from '../rules.ts'
import { always } from './fields.ts'

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
