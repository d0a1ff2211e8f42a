import { commandTopics, longestMessageKiB, TopicName } from 'kafka-restaurants-contracts'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import { serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

const kib = 1024

export const Config = z.object({
  ...serviceEnv(5003),
  ...kafkaEnv,
  GROUP_ID: z.string().default('command-queue'),
  REQUESTS_TOPIC: TopicName.default(commandTopics.requests),
  EVENTS_TOPIC: TopicName.default(commandTopics.events),
  ACTIONABLE_TOPIC: TopicName.default(commandTopics.actionable),
  REJECTED_TOPIC: TopicName.default(commandTopics.rejected),
  CHANGELOG_TOPIC: TopicName.default(commandTopics.changelog).describe('where the queue keeps what it knows'),
  LIMITS_FILE: z.string().optional().describe('the limits, as YAML; read again when it changes'),
  MESSAGE_KIB: z.coerce
    .number()
    .int()
    .min(1)
    .max(512)
    .default(longestMessageKiB)
    .transform(size => size * kib)
    .describe('the longest message of a command, in KiB'),
  COMMIT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(5)
    .describe('how long what was decided waits for company before it is committed'),
})
export type Config = z.infer<typeof Config>
