import { exactlyOnceWorker, kafkaConnection } from 'kafka-restaurants-kafka'
import { type App, type Context, placeName } from 'kafka-restaurants-service'
import { bankClient, longestCallMs } from './adapters/bank-client.ts'
import type { Charge } from './charge.ts'
import { chargeOrder } from './charge-order.ts'
import type { Config } from './config.ts'
import { orderMetrics } from './metrics.ts'

export function createApp(config: Config, { log, metrics }: Context, given?: Charge): App {
  const told = orderMetrics(metrics)
  const charge = given ?? bankClient(config.BANK_URL, config.BANK_TIMEOUT_MS, { called: told.called })
  const topics = {
    confirm: config.CONFIRM_TOPIC,
    declined: config.DECLINED_TOPIC,
    commands: config.COMMANDS_TOPIC,
  }
  return exactlyOnceWorker({
    kafka: kafkaConnection(config, 'transaction', log),
    group: config.GROUP_ID,
    instance: placeName(config.PORT),
    inputs: [config.ORDER_TOPIC],
    concurrency: config.CONCURRENCY,
    // A minute, unless the bank is given so much time that a call may take longer.
    stallMs: Math.max(60_000, longestCallMs(config.BANK_TIMEOUT_MS) + 10_000),
    metrics,
    onCommitted: told.settled(topics),
    handle: record => chargeOrder(record, { charge, topics, log, now: () => new Date() }),
  })
}
