import { kafkaEnv } from 'kafka-restaurants-kafka'
import { serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

/** Of the desk. The command has arguments, and of this environment Kafka's alone. */
export const Config = z.object({
  ...serviceEnv(5012),
  ...kafkaEnv,
  LOOK_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(15_000)
    .describe('how often it looks for new dead letters while nobody asks'),
})
export type Config = z.infer<typeof Config>
