import { kafkaEnv } from 'kafka-restaurants-kafka'
import { httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5011),
  ...kafkaEnv,
  TRACKING_URL: httpUrlEnv.describe('tracking, which knows the records that told of an order'),
  // Whoever opens the page may break what is named here, and nothing else.
  BANK_ADMIN_URL: httpUrlEnv.optional().describe('where the bank is told to misbehave'),
  INBOX_URL: httpUrlEnv.optional().describe('where the mail server is told to'),
  WORKER_URL: httpUrlEnv
    .optional()
    .describe('where a worker has GET /metrics, and with CRASH_ALLOWED=true is killed'),
})
export type Config = z.infer<typeof Config>
