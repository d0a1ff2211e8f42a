export { refused, withoutEffect } from './librdkafka.ts'
export {
  acksOf,
  brokersOf,
  ClientConfig,
  ConsumerConfig,
  clientSettings,
  consumerSettings,
  differingKey,
  honoured,
  isCompressed,
  ProducerConfig,
  producerSettings,
} from './properties.ts'
