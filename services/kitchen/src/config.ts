import { httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

const daySeconds = 86_400

export const Config = z.object({
  ...serviceEnv(5002),
  TICKETS_FILE: z.string().default('.data/kitchen/tickets.sqlite').describe('where tickets are kept'),
  KEEP_DAYS: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(30)
    .describe('tickets that became ready longer ago are removed'),
  COMMAND_QUEUE_URL: httpUrlEnv
    .optional()
    .describe('the command queue, which is told that a ticket is ready; unset, nobody is'),
  CALL_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(5_000)
    .describe('how long a call of the command queue may take'),
  MINUTES_PER_ORDER: z.coerce
    .number()
    .positive()
    .max(24 * 60)
    .default(15)
    .describe('how long an order takes, for quotes of a restaurant that has cooked none yet'),
  KITCHEN_AUTOPILOT: z.coerce
    .number()
    .min(0)
    .max(daySeconds)
    .default(0)
    .describe('plays the staff: a ticket becomes ready after so many seconds; 0 is off'),
})
export type Config = z.infer<typeof Config>
