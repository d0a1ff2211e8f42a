import { topicFault } from 'kafka-restaurants-contracts'
import type { BusEvent } from './bus.ts'
import { patternFault, topicPattern } from './pattern.ts'

/** An event that Kafka could never have: for its topic, its payload or its size. It was not sent. */
export class UnsendableEventError extends Error {
  override name = 'UnsendableEventError'
}

/** What is behind the topic of an event when the bus is told that Kafka has it. */
export const sentSuffix = '::sent_to_external_queue'

/** The headers by which bridges know each other's records. */
export const headerNames = {
  /**
   * Which bridge an event came from, a slash, and which of its events it is. It never goes out over one again. The same
   * for one that is sent again, as it is not known whether it was.
   */
  origin: 'bus_origin',
  /** The event's topic on the bus, where that has a `-`: Kafka's could also be a `::`. */
  topic: 'bus_topic',
} as const

/** The topic on the bus of a record. @param told what its header says, if it has one */
export const busTopicOf = (kafkaTopic: string, told?: string): string =>
  told !== undefined && kafkaTopicOf(told) === kafkaTopic ? told : kafkaTopic.replaceAll('-', '::')

const kafkaTopicOf = (busTopic: string) => busTopic.replaceAll('::', '-')

/** A pattern of topics of the bus, and a template of Kafka's: `^acapy::webhook::(.*)$` and `webhook-$wallet_id`. */
export type TopicMap = readonly [pattern: string, template: string]

/**
 * How topics of the bus are called in Kafka: by the first map that matches, else with `-` for `::`.
 * @returns throws UnsendableEventError where Kafka has no such topics, or the payload not what the template asks for
 * @throws SyntaxError for a map that `mapFault` knows
 */
export function topicNaming(maps: readonly TopicMap[]): (event: BusEvent) => string {
  const compiled = maps.map(([pattern, template]) => ({ ...topicPattern(pattern), parts: partsOf(template) }))
  const nameOf = (event: BusEvent) => {
    for (const { exec, parts } of compiled) {
      const match = exec(event.topic)
      if (match)
        return parts.map(part => (typeof part === 'string' ? part : filled(part.name, match, event))).join('')
    }
    return event.topic
  }
  return event => {
    const name = kafkaTopicOf(nameOf(event))
    const fault = topicFault(name)
    if (fault)
      throw new UnsendableEventError(
        `${shown(event.topic)} can't be sent: its topic in Kafka, ${shown(name)}, ${fault}`,
      )
    return name
  }
}

const shown = (name: string) => (name.length > 80 ? `${name.slice(0, 80)}…` : name)

function filled(name: string, match: RegExpExecArray, { topic, payload }: BusEvent): string {
  const value = /^\d+$/.test(name) ? match[Number(name)] : fieldOf(name, topic, payload)
  if (value !== undefined && value !== '') return value
  throw new UnsendableEventError(
    `${shown(topic)} can't be sent: its topic in Kafka needs $${name}, which it does not have`,
  )
}

function fieldOf(name: string, topic: string, payload: unknown): string | undefined {
  if (name === 'topic') return topic
  if (name === 'category') return categoryOf(topic)
  const value = Object(payload)[name]
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
}

/** `connections` of `acapy::record::connections::active`; there are records and webhooks. */
const categoryOf = (topic: string) => /^[^:]+::(?:record|webhook)::([^:]+)/.exec(topic)?.[1]

/** Text, and what is to be put between. `$$` stands for `$`. */
function partsOf(template: string): (string | { name: string })[] {
  const parts = template.split(/(\$\$|\$\{\w+\}|\$\d+|\$[A-Za-z_]\w*)/)
  return parts.map((part, index) => {
    if (index % 2 === 0) return part
    return part === '$$' ? '$' : { name: part.replaceAll(/[${}]/g, '') }
  })
}

/** What is wrong with a map, in words to be put behind it. */
export function mapFault([pattern, template]: TopicMap): string | undefined {
  const fault = patternFault(pattern)
  if (fault) return fault
  const groups = (new RegExp(`${pattern}|`).exec('')?.length ?? 1) - 1
  for (const part of partsOf(template)) {
    if (typeof part === 'string' && part.includes('$') && part !== '$')
      return 'a $ must be followed by a number, a name, or another $'
    if (typeof part === 'object' && Number(part.name) > groups)
      return `asks for $${part.name}, and the pattern has ${groups} ${groups === 1 ? 'group' : 'groups'}`
  }
  return undefined
}
