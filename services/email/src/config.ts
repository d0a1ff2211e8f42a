import { TopicName } from 'kafka-restaurants-contracts'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import { httpUrlEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'
import { senderOf } from './sender.ts'

export const Config = z.object({
  ...serviceEnv(5007),
  ...kafkaEnv,
  GROUP_ID: z.string().default('confirmation-service'),
  CONFIRM_TOPIC: TopicName.default('order_confirm'),
  DECLINED_TOPIC: TopicName.default('order_declined'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' })
    .default('smtp://localhost:1025')
    .describe('the mail server'),
  SENT_FILE: z.string().default('.data/email/sent.sqlite').describe('which mails were sent last'),
  MAIL_FROM: z
    .string()
    .default('Kafka Restaurants <orders@kafka-restaurants.example>')
    .transform((from, context) => {
      const sender = senderOf(from)
      if (sender) return sender
      context.addIssue('must be like Name <address@domain>, one sender')
      return z.NEVER
    })
    .describe('the sender; its domain ends every Message-ID'),
  SITE_URL: httpUrlEnv.optional().describe('the site, which mails link to; without it, they have no links'),
  CONCURRENCY: z.coerce.number().int().min(1).max(1000).default(20).describe('mails sent at the same time'),
})
export type Config = z.infer<typeof Config>
