import { kafkaEnv } from 'kafka-restaurants-kafka'
import { httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5011),
  ...kafkaEnv,
  TRACKING_URL: httpUrlEnv.describe('tracking, which knows the records that told of an order'),
  BANK_ADMIN_URL: httpUrlEnv.optional().describe('where the bank is told to misbehave'),
  INBOX_URL: httpUrlEnv.optional().describe('where the mail server is'),
  WORKER_URL: httpUrlEnv.optional().describe('the port of GET /metrics of a worker that may be killed'),
})
export type Config = z.infer<typeof Config>
