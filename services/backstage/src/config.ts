import { kafkaEnv } from 'kafka-restaurants-kafka'
import { httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5011),
  ...kafkaEnv,
  TRACKING_URL: httpUrlEnv.describe('tracking, which knows the records that told of an order'),
})
export type Config = z.infer<typeof Config>
