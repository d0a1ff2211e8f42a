import { TopicName, topics } from 'kafka-restaurants-contracts'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import { allowedOrigins, httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5000),
  ...kafkaEnv,
  ORDER_TOPIC: TopicName.default(topics.order),
  CONFIRM_TOPIC: TopicName.default(topics.orderConfirm).describe('which orders are paid'),
  DECLINED_TOPIC: TopicName.default(topics.orderDeclined).describe('which orders are declined'),
  CATALOGUE_FILE: z.string().default('helm/files/restaurants.json'),
  BANK_URL: httpUrlEnv.default('http://localhost:5005'),
  PAYMENT_KEY_FILE: z
    .string()
    .optional()
    .describe("keeps the bank's public key for starts while the bank is away"),
  ALLOWED_ORIGINS: allowedOrigins.describe('origins of other sites whose pages may call, joined by commas'),
  ORDER_TIMEOUT_MS: z.coerce.number().int().positive().default(2_500).describe('wait for Kafka before a 503'),
})
export type Config = z.infer<typeof Config>
