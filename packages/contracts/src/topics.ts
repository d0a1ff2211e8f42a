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
} as const

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

/** Every topic that the platform needs, dead letters included. */
export function topicSpecs(partitions = 12): TopicSpec[] {
  return Object.values(topics).flatMap(name => [
    { name, partitions, config: largestRecord },
    asideTopicSpec(deadLetterTopic(name), partitions),
  ])
}

/** A topic for records that are set aside, as dead letters or parked: they are kept until somebody deals with them. */
export const asideTopicSpec = (name: string, partitions: number): TopicSpec => ({
  name,
  partitions,
  config: { ...largestAside, 'retention.ms': '-1' },
})
