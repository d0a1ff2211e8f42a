import { named, strict } from 'kafka-restaurants-config-file'
import { topicFault } from 'kafka-restaurants-contracts'
import { ConsumerConfig, ProducerConfig } from 'kafka-restaurants-kafka/properties'
import { z } from 'zod'
import { template } from '../../config/fields.ts'
import { ofProcessors, ofResult, passHeadersOfResponse } from '../../config/results.ts'

export const KafkaListener = strict({
  type: z.literal('kafka'),
  topic: named(topicFault).describe('where the events come from'),
  consumerConfig: ConsumerConfig.describe("librdkafka's properties, see below"),
})
export type KafkaListener = z.output<typeof KafkaListener>

export const KafkaProcessor = strict({
  type: z.literal('kafka'),
  topic: named(topicFault).describe('where the responses go'),
  ...ofProcessors,
  passHeaders: passHeadersOfResponse(),
  key: template(ofResult).optional().meta({ default: "the event's key", description: 'a template' }),
  producerConfig: ProducerConfig.describe("librdkafka's properties, see below"),
})
export type KafkaProcessor = z.output<typeof KafkaProcessor>
