import { retrying, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { externalWorker, kafkaConnection } from 'kafka-restaurants-kafka'
import {
  type App,
  addRoutes,
  type Context,
  Counter,
  counter,
  createSweep,
  crossOrigin,
  liveUpdates,
  placeName,
} from 'kafka-restaurants-service'
import { embeddedDatabase, migrate, postgresDatabase } from './adapters/database.ts'
import { asOutput, orderStore } from './adapters/order-store.ts'
import { statusBus } from './adapters/status-bus.ts'
import type { Config } from './config.ts'
import { orderHandler } from './handlers/orders.ts'
import { popularHandler } from './handlers/popular.ts'
import { routes } from './handlers/routes.ts'
import { inputs } from './inputs.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { ordersThatCount, popularDishes } from './popular.ts'
import { sharedReads } from './shared-reads.ts'
import { watchedOrders } from './watched-orders.ts'

export function createApp(config: Config, { log, metrics }: Context): App {
  const readers = inputs(config)
  const database = config.DATABASE_URL
    ? postgresDatabase(config.DATABASE_URL, log)
    : embeddedDatabase(config.DATABASE_FILE)
  const live = liveUpdates()
  const changed = (orderId: string) => {
    find.forget(orderId)
    watched.changed(orderId)
    live.changed(orderId)
  }
  const status = statusBus(config, { log, metrics }, (orderId, leftLine) => {
    changed(orderId)
    if (leftLine === undefined) return
    // Who is about to watch one that moves up by it reads anew.
    find.forget()
    if (live.isWatched()) void leave(leftLine)
  })
  const [changes, commits] = [
    new Counter({
      name: 'tracking_changes_total',
      help: 'Changes of orders',
      labelNames: ['status'],
      registers: [metrics],
    }),
    counter(metrics, {
      name: 'tracking_commits_total',
      help: 'Transactions of the database, each with what has gathered',
    }),
  ]
  const store = orderStore(database, config.GROUP_ID, {
    announce: status.tell,
    committed: all => {
      commits.inc()
      for (const { change } of all) changes.inc({ status: change.status })
    },
  })
  const find = sharedReads(store.find)
  const stopping = new AbortController()
  const watched = watchedOrders(find)
  const leave = oneAtATime(async resource => {
    const begunAt = watched.now()
    const placeOf = await retrying(() => store.places(resource), {
      signal: stopping.signal,
      onFailure: err => log.warn({ err }, 'a line could not be read'),
    }).catch(() => new Map<string, number>())
    watched.moved(placeOf, begunAt)
    for (const orderId of placeOf.keys()) live.changed(orderId)
  })
  const sweep = createSweep('orders', store.removeOlder, config.KEEP_DAYS, log)
  const leftAside = counter(metrics, {
    name: 'tracking_records_left_aside_total',
    help: 'Records that say nothing of an order: the workers whose input they are make dead letters of them',
  })
  const worker = externalWorker(
    {
      kafka: kafkaConnection(config, 'tracking', log),
      group: config.GROUP_ID,
      instance: placeName(config.PORT),
      inputs: Object.keys(readers),
      // What a record tells is folded whenever it comes.
      ordered: false,
      concurrency: 100,
      metrics,
      handle: async record => {
        try {
          return readers[record.topic]?.(record).map(asOutput) ?? []
        } catch (error) {
          if (!(error instanceof UnreadableRecordError)) throw error
          leftAside.inc()
          log.warn({ record: record.reference, reason: error.message }, 'left aside')
          return []
        }
      },
    },
    store,
  )
  let trouble: string[] = []
  const begin = async () => {
    const onFailure = (err: unknown, attempt: number) => {
      trouble = ['the database does not answer']
      log.warn({ err, attempt }, 'the database does not answer')
    }
    await retrying(() => migrate(database), { signal: stopping.signal, onFailure })
    trouble = []
    await Promise.all([worker.start(), status.start()])
    sweep.begin()
  }

  return {
    ...worker,
    routes: http => {
      http.use(crossOrigin(config.ALLOWED_ORIGINS))
      const order = orderHandler({ find, watch: watched.watch, live })
      const popular = popularHandler(async () => popularDishes(await store.paid(ordersThatCount)))
      addRoutes(http, routes({ order, popular }))
    },
    start: begin,
    stop: async () => {
      stopping.abort()
      live.stop()
      sweep.stop()
      await worker.stop()
      await status.stop()
      await store.close()
    },
    notReady: () => [...trouble, ...worker.notReady(), ...status.notReady()],
    outages: () => [...worker.outages(), ...status.outages()],
    crashed: Promise.race([worker.crashed, status.crashed]),
  }
}
