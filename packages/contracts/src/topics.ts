import { z } from 'zod'

/** A topic as the platform makes it. `config` holds Kafka's own topic-level settings, as strings. */
export interface TopicSpec {
  name: string
  partitions: number
  config: Record<string, string>
}

/** The default topic names. */
export const topics = {
  order: 'order',
  orderConfirm: 'order_confirm',
  orderDeclined: 'order_declined',
  orderStatus: 'restaurants-outbound-order-status',
} as const

/** The default topic names of the command queue and of the kitchen that it protects. */
export const commandTopics = {
  requests: 'command-requests',
  events: 'command-events',
  actionable: 'actionable-commands',
  rejected: 'rejected-commands',
  tickets: 'kitchen-tickets',
  changelog: 'command-queue-changelog',
} as const

/** The default topic names of the gateway's route for quotes, and of what its replicas tell each other. */
export const quoteTopics = {
  requests: 'quote-requests',
  replies: 'quote-replies',
  calls: 'gateway-calls',
} as const

/** The longest name that Kafka takes for a topic, whose folders have the partition's number behind it. */
const longestTopic = 249

/** Why Kafka can have no topic of that name, to be put behind what it is about; undefined where it can. */
export function topicFault(name: string): string | undefined {
  if (name.length > longestTopic) return `is longer than ${longestTopic} characters`
  if (name === '.' || name === '..') return 'is no name'
  return /^[\w.-]+$/.test(name) ? undefined : 'can have letters, digits, ".", "_" and "-" alone'
}

/** A topic that is read or whose records may be: its dead letters have a topic of their own. */
export const TopicName = z.string().superRefine((name, context) => {
  const fault = topicFault(name) ?? derivedFault(name)
  if (fault) context.addIssue(fault)
})

const derivedFault = (name: string) =>
  topicFault(deadLetterTopic(name)) &&
  `must not be longer than ${longestTopic - deadLetterTopic('').length} characters, as ${deadLetterTopic('<topic>')} is made`

/** Where records of `topic` go that can't be handled: the bytes as they came, with the reason in the headers. */
export const deadLetterTopic = (topic: string) => `${topic}.dead-letters`

/** Where people put the dead letters of `topic` that nobody is to handle any more. */
export const parkedTopic = (topic: string) => `${topic}.parked`

/**
 * The largest record value that a service reads, in bytes. Larger ones become dead letters.
 * The topics themselves take more (`max.message.bytes`), so that an oversized record is seen and set aside, not lost.
 */
export const maxValueBytes = 1_000_000

const largestRecord = { 'max.message.bytes': String(16 * 1024 * 1024) }
/** A record that is set aside has more headers than it came with. */
const largestAside = { 'max.message.bytes': String(17 * 1024 * 1024) }

/** What is told, asked or answered at once, and is nowhere read later. */
const news = { 'retention.ms': String(24 * 3_600_000) }
const ofTheMoment: readonly string[] = [topics.orderStatus, quoteTopics.requests]

/** A topic of which only the last record of each key is kept. Its tombstones stay for a day, so that nobody misses one. */
const lastOfEachKey = { ...largestRecord, 'cleanup.policy': 'compact' }

/** The topics whose records a worker of the platform reads, so that there may be dead letters of them. */
export const workedTopics: readonly string[] = [
  ...Object.values(topics),
  commandTopics.requests,
  commandTopics.events,
  commandTopics.actionable,
  quoteTopics.requests,
]

/** Every topic that the platform needs, dead letters included. */
export function topicSpecs(partitions = 12): TopicSpec[] {
  const { rejected, tickets, changelog } = commandTopics
  return [
    ...workedTopics.flatMap(name => [
      { name, partitions, config: ofTheMoment.includes(name) ? news : largestRecord },
      asideTopicSpec(deadLetterTopic(name), partitions),
    ]),
    ...[rejected, tickets].map(name => ({ name, partitions, config: largestRecord })),
    { name: changelog, partitions, config: lastOfEachKey },
    ...[quoteTopics.replies, quoteTopics.calls].map(name => ({ name, partitions, config: news })),
  ]
}

/** The topics of a command queue, by whatever names. They are co-partitioned: all have as many partitions as each other. */
export const queueTopicSpecs = (
  { changelog, ...others }: Record<'requests' | 'events' | 'actionable' | 'rejected' | 'changelog', string>,
  partitions = 12,
): TopicSpec[] => [
  ...Object.values(others).map(name => ({ name, partitions, config: largestRecord })),
  { name: changelog, partitions, config: lastOfEachKey },
]

/** A topic for records that are set aside, as dead letters or parked: they are kept until somebody deals with them. */
export const asideTopicSpec = (name: string, partitions: number): TopicSpec => ({
  name,
  partitions,
  config: { ...largestAside, 'retention.ms': '-1' },
})
