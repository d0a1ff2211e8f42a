import { TopicName } from 'kafka-restaurants-contracts'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import { httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5000),
  ...kafkaEnv,
  ORDER_TOPIC: TopicName.default('order'),
  CATALOGUE_FILE: z.string().default('helm/files/restaurants.json'),
  BANK_URL: httpUrlEnv.default('http://localhost:5005'),
  PAYMENT_KEY_FILE: z
    .string()
    .optional()
    .describe("keeps the bank's public key for starts while the bank is away"),
  ORDER_TIMEOUT_MS: z.coerce.number().int().positive().default(2_500).describe('wait for Kafka before a 503'),
})
export type Config = z.infer<typeof Config>
