import { OrderStatusEvent, orderStatusTopic } from 'kafka-restaurants-contracts'
import { busTopicOf, eventBus, kafkaBridge } from 'kafka-restaurants-event-bus'
import { kafkaConnection } from 'kafka-restaurants-kafka'
import type { App, Context } from 'kafka-restaurants-service'
import type { Config } from '../config.ts'
import type { NewChange } from '../history.ts'

interface StatusBus extends Required<Pick<App, 'start' | 'stop' | 'notReady' | 'outages' | 'crashed'>> {
  /** Tells of a change: here, and over Kafka. Resolves when Kafka has it, or the spool. */
  tell: (change: NewChange, trace: Record<string, string>) => Promise<void>
}

/**
 * Tells of what has become of orders on a bus that is bridged to Kafka. Where others share the database, hears of what
 * they have told.
 * @param heard told the order of which there is news, and the restaurant whose line it has left
 */
export function statusBus(
  config: Config,
  { log, metrics }: Context,
  heard: (orderId: string, leftLine: string | undefined) => void,
): StatusBus {
  const exactly = `^${orderStatusTopic}$`
  const bus = eventBus()
  // Told here, and by others over a topic that may be called otherwise.
  bus.subscribe(`(?:${orderStatusTopic}|${busTopicOf(config.STATUS_TOPIC)})$`, ({ payload }) => {
    const event = OrderStatusEvent.safeParse(payload)
    if (event.success) heard(event.data.order_id, event.data.restaurant)
  })
  const bridge = kafkaBridge(bus, {
    kafka: kafkaConnection(config, 'tracking-bus', log),
    metrics,
    outbound: {
      patterns: [exactly],
      topicMaps: [[exactly, config.STATUS_TOPIC]],
      spool: { file: config.SPOOL_FILE },
    },
    inbound: config.DATABASE_URL
      ? { patterns: [`^${config.STATUS_TOPIC.replaceAll('.', '\\.')}$`] }
      : undefined,
  })
  return {
    tell: async ({ orderId, change: { status, at }, leftLine: restaurant }, trace) =>
      bus
        .publish(orderStatusTopic, { order_id: orderId, status, at, restaurant } satisfies OrderStatusEvent, {
          key: orderId,
          headers: trace,
        })
        .catch(err => {
          log.warn({ err, order_id: orderId, status }, 'what has become of an order could not be told')
          throw err
        }),
    start: () => bridge.start(),
    stop: () => bridge.close(),
    notReady: bridge.notReady,
    outages: bridge.outages,
    crashed: bridge.crashed,
  }
}
