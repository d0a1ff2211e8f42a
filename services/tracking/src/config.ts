import { TopicName, topics } from 'kafka-restaurants-contracts'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import { allowedOrigins, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5001),
  ...kafkaEnv,
  GROUP_ID: z.string().default('tracking-service'),
  ORDER_TOPIC: TopicName.default(topics.order),
  CONFIRM_TOPIC: TopicName.default(topics.orderConfirm),
  DECLINED_TOPIC: TopicName.default(topics.orderDeclined),
  REQUESTS_TOPIC: TopicName.optional().describe('which orders wait to be cooked; not read unless given'),
  ACTIONABLE_TOPIC: TopicName.optional().describe('which are cooked; not read unless given'),
  EVENTS_TOPIC: TopicName.optional().describe('which are ready; not read unless given'),
  STATUS_TOPIC: TopicName.default(topics.orderStatus).describe('where each change is told'),
  SPOOL_FILE: z
    .string()
    .default('.data/tracking/spool.sqlite')
    .describe('what is to be told while Kafka is away'),
  DATABASE_FILE: z
    .string()
    .default('.data/tracking/tracking.sqlite')
    .describe('the embedded database; not used with DATABASE_URL'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
    .optional()
    .describe('a PostgreSQL database, which several replicas share'),
  KEEP_DAYS: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(30)
    .describe('orders that began longer ago are removed'),
  ALLOWED_ORIGINS: allowedOrigins.describe('origins of other sites whose pages may call, joined by commas'),
})
export type Config = z.infer<typeof Config>
