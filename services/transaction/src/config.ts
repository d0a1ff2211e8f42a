import { TopicName } from 'kafka-restaurants-contracts'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import { crashEnv, httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5006),
  ...crashEnv,
  ...kafkaEnv,
  GROUP_ID: z.string().default('transaction-service'),
  ORDER_TOPIC: TopicName.default('order'),
  CONFIRM_TOPIC: TopicName.default('order_confirm'),
  DECLINED_TOPIC: TopicName.default('order_declined'),
  COMMANDS_TOPIC: TopicName.optional().describe('where a paid order asks to be cooked; none unless given'),
  BANK_URL: httpUrlEnv.default('http://localhost:5005'),
  BANK_TIMEOUT_MS: z.coerce.number().int().positive().default(3_000),
  CONCURRENCY: z.coerce
    .number()
    .int()
    .positive()
    .default(20)
    .describe('orders of one partition in hand at once'),
})
export type Config = z.infer<typeof Config>
