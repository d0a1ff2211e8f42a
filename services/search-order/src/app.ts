import { batchingProducer, kafkaConnection } from 'kafka-restaurants-kafka'
import {
  type App,
  addRoutes,
  type Context,
  counter,
  crossOrigin,
  forOrder,
  HttpProblem,
} from 'kafka-restaurants-service'
import { catalogueFile } from './adapters/catalogue-file.ts'
import { idSecret } from './adapters/id-secret.ts'
import { outcomes } from './adapters/outcomes.ts'
import { paymentKeySource } from './adapters/payment-key.ts'
import { fingerprintHeader, takenOrders } from './adapters/taken-orders.ts'
import type { Config } from './config.ts'
import { type OrderParts, ordersHandler } from './handlers/orders.ts'
import { routes } from './handlers/routes.ts'
import { answersDirectly, restaurantHandler, searchHandler, stylesHandler } from './handlers/search.ts'
import { rememberedKeys } from './remembered-keys.ts'

export function createApp(config: Config, { log, metrics }: Context): App {
  const accepted = counter(metrics, {
    name: 'orders_accepted_total',
    help: 'Orders that Kafka has taken; a repeat with the same Idempotency-Key counts once in each replica',
  })
  const catalogue = catalogueFile(config.CATALOGUE_FILE, log)
  const paymentKey = paymentKeySource(config.BANK_URL, config.PAYMENT_KEY_FILE, log)
  const kafka = kafkaConnection(config, 'search-order', log)
  const producer = batchingProducer(kafka, { timeoutMs: config.ORDER_TIMEOUT_MS, idempotent: true })
  const write: OrderParts['write'] = (order, { fingerprint, traceparent }) =>
    forOrder(order.order_id ?? '', async () => {
      await producer.send({
        topic: config.ORDER_TOPIC,
        key: order.order_id ?? null,
        value: JSON.stringify(order),
        headers: {
          [fingerprintHeader]: fingerprint,
          ...(traceparent && { traceparent }),
          ...(order.order_id && { correlation_id: order.order_id }),
        },
      })
      accepted.inc()
    })
  const told = outcomes(kafka, { confirm: config.CONFIRM_TOPIC, declined: config.DECLINED_TOPIC })
  const secret = idSecret(kafka, config.ORDER_TIMEOUT_MS)
  const orders = ordersHandler({
    catalogue: () => catalogue.current().index,
    seal: paymentKey.seal,
    write,
    remembered: rememberedKeys(),
    idSecret: secret.get,
    outcome: told.of,
    taken: takenOrders(kafka, config.ORDER_TOPIC),
    now: () => new Date(),
  })

  const headers = crossOrigin(config.ALLOWED_ORIGINS)

  return {
    direct: answersDirectly(catalogue.current, headers),
    routes: http => {
      http.use(headers)
      addRoutes(
        http,
        routes({
          search: searchHandler(catalogue.current),
          styles: stylesHandler(catalogue.current),
          restaurant: restaurantHandler(catalogue.current),
          paymentKey: (_request, response) => {
            const key = paymentKey.current()
            if (!key) {
              throw new HttpProblem(503, "The bank's key is not known yet", {
                headers: { 'Retry-After': '2' },
              })
            }
            response.json(key)
          },
          order: orders,
        }),
      )
    },
    start: async () => {
      catalogue.watch()
      paymentKey.start()
      secret.start()
      // Whoever searches needs no Kafka, and does not wait for it.
      void told.start()
    },
    stop: async () => {
      catalogue.close()
      paymentKey.stop()
      secret.stop()
      await Promise.all([producer.stop(), told.stop()])
    },
    crashed: told.crashed,
    notReady: () => (paymentKey.current() ? [] : ["the bank's key is not known yet"]),
  }
}
