import { httpUrlEnv, portEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(1080),
  SMTP_PORT: portEnv.default(1025).describe('port that takes mail'),
  INBOX_FILE: z.string().default('.data/inbox/inbox.sqlite').describe('where mails are kept'),
  SITE_URL: httpUrlEnv.optional().describe('the site, for the way back to it'),
  CAP: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(5000)
    .describe('mails kept; the oldest go first'),
})
export type Config = z.infer<typeof Config>
