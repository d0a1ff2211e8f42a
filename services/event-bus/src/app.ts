import { adminRoutes, type BridgeConfig, eventBus, kafkaBridge } from 'kafka-restaurants-event-bus'
import { type App, type Context, liveUpdates } from 'kafka-restaurants-service'
import { relayTo } from './adapters/relay.ts'
import { busRoutes } from './handlers/bus.ts'
import { relayRoutes } from './handlers/relay.ts'
import { recentEvents } from './recent-events.ts'

/** A bus that is alone in its process: what it carries comes and goes by Kafka and by HTTP. */
export function createApp(config: BridgeConfig, { log, metrics }: Context): App {
  const bus = eventBus()
  const kafka = { ...config.kafka, log }
  const bridge = kafkaBridge(bus, { ...config, kafka, metrics })
  const live = liveUpdates()
  const recent = recentEvents()
  bus.subscribe('', event => {
    recent.add(event)
    live.changed('bus')
  })
  const relay = relayTo(kafka)

  return {
    routes(http) {
      adminRoutes(http, bridge)
      busRoutes(http, { bus, recent, live, maxBytes: config.outbound?.maxPayloadBytes })
      relayRoutes(http, relay, config.inbound?.patterns ?? [])
    },
    start: () => bridge.start(),
    async stop() {
      live.stop()
      await Promise.all([bridge.close(), relay.stop()])
    },
    crashed: bridge.crashed,
    notReady: bridge.notReady,
    outages: bridge.outages,
  }
}
