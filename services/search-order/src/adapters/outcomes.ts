import { OrderStatusEvent, orderStatusTopic } from 'kafka-restaurants-contracts'
import { busTopicOf, eventBus, kafkaBridge } from 'kafka-restaurants-event-bus'
import { kafkaConnection } from 'kafka-restaurants-kafka'
import type { App, Context } from 'kafka-restaurants-service'
import type { Config } from '../config.ts'

export type Decision = 'paid' | 'declined'

interface Outcomes extends Required<Pick<App, 'start' | 'stop' | 'crashed'>> {
  /** Resolves with what came of an order, if it is told from now on, until the signal is aborted: undefined then. */
  of: (orderId: string, signal: AbortSignal) => Promise<Decision | undefined>
}

/** Hears on the event bus, which tracking tells over Kafka, what has become of orders. */
export function outcomes(config: Config, { log, metrics }: Context): Outcomes {
  const awaited = new Map<string, Set<(decision: Decision) => void>>()
  const bus = eventBus()
  // The topic in Kafka may be called otherwise.
  bus.subscribe(`(?:${orderStatusTopic}|${busTopicOf(config.STATUS_TOPIC)})$`, ({ payload }) => {
    const { data: event } = OrderStatusEvent.safeParse(payload)
    if (event?.status !== 'paid' && event?.status !== 'declined') return
    for (const hear of awaited.get(event.order_id) ?? []) hear(event.status)
  })
  const bridge = kafkaBridge(bus, {
    kafka: kafkaConnection(config, 'search-order-bus', log),
    metrics,
    inbound: { patterns: [`^${config.STATUS_TOPIC.replaceAll('.', '\\.')}$`] },
  })
  return {
    of: async (orderId, signal) => {
      const heard = Promise.withResolvers<Decision | undefined>()
      const waiting = awaited.get(orderId) ?? new Set()
      awaited.set(orderId, waiting.add(heard.resolve))
      const end = () => heard.resolve(undefined)
      signal.addEventListener('abort', end)
      try {
        return await heard.promise
      } finally {
        signal.removeEventListener('abort', end)
        waiting.delete(heard.resolve)
        if (waiting.size === 0) awaited.delete(orderId)
      }
    },
    start: () => bridge.start(),
    stop: () => bridge.close(),
    crashed: bridge.crashed,
  }
}
