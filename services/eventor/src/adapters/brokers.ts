import { brokersOf, consumerSettings, producerSettings } from 'kafka-restaurants-kafka/properties'
import type { Logger } from 'kafka-restaurants-service'
import type { Pipeline } from '../config/schema.ts'
import type { Event, HandleEvent, Listener, Processor } from '../event.ts'
import { checkKafka, kafkaListener, kafkaProcessor, nextKafkaEvent } from './kafka/kafka.ts'
import { placeOf as natsPlaceOf } from './nats/connection.ts'
import { checkNatsListener, checkNatsProcessor, nextNatsEvent } from './nats/look.ts'
import { natsListener, natsProcessor } from './nats/nats.ts'
import { placeOf as rabbitmqPlaceOf } from './rabbitmq/connection.ts'
import { checkRabbitmqListener, checkRabbitmqProcessor, nextRabbitmqEvent } from './rabbitmq/look.ts'
import { rabbitmqListener, rabbitmqProcessor } from './rabbitmq/rabbitmq.ts'

type From = Pipeline['eventListener']
type To = NonNullable<Pipeline['eventResultProcessor']>

/** Brings the events of a broker. */
export function listenerFor(
  from: From,
  handle: HandleEvent,
  options: Parameters<typeof kafkaListener>[2],
): Listener {
  switch (from.type) {
    case 'kafka':
      return kafkaListener(from, handle, options)
    case 'nats':
      return natsListener(from, handle, options)
    case 'rabbitmq':
      return rabbitmqListener(from, handle, options)
  }
}

/** Takes results to a broker. */
export function processorFor(to: To, log: Logger): Processor {
  switch (to.type) {
    case 'kafka':
      return kafkaProcessor(to, { log })
    case 'nats':
      return natsProcessor(to, log)
    case 'rabbitmq':
      return rabbitmqProcessor(to, log)
  }
}
/** The event that is next, taken from nobody; undefined where none waits. */
export function nextEvent(from: From, log: Logger): Promise<Event | undefined> {
  switch (from.type) {
    case 'kafka':
      return nextKafkaEvent(from, log)
    case 'nats':
      return nextNatsEvent(from)
    case 'rabbitmq':
      return nextRabbitmqEvent(from)
  }
}

/** Connects, and sees whether what it names is there. @throws Error with what is not */
export function checkListener(from: From, log: Logger): Promise<void> {
  switch (from.type) {
    case 'kafka':
      return checkKafka(consumerSettings(from.consumerConfig, 'eventor'), from.topic, log)
    case 'nats':
      return checkNatsListener(from)
    case 'rabbitmq':
      return checkRabbitmqListener(from)
  }
}

/** As `checkListener`. */
export function checkProcessor(to: To, log: Logger): Promise<void> {
  switch (to.type) {
    case 'kafka':
      return checkKafka(producerSettings(to.producerConfig, 'eventor'), to.topic, log)
    case 'nats':
      return checkNatsProcessor(to)
    case 'rabbitmq':
      return checkRabbitmqProcessor(to)
  }
}

/** Broker and address in words. */
export function placeOf(end: From | To): string {
  switch (end.type) {
    case 'kafka':
      return `Kafka at ${brokersOf('consumerConfig' in end ? end.consumerConfig : end.producerConfig)}`
    case 'nats':
      return natsPlaceOf(end)
    case 'rabbitmq':
      return rabbitmqPlaceOf(end)
  }
}
