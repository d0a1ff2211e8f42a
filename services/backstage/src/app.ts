import { kafkaConnection, readRecords } from 'kafka-restaurants-kafka'
import { type App, addRoutes, type Context, liveUpdates } from 'kafka-restaurants-service'
import { clusterEyes } from './adapters/cluster.ts'
import { mockAt, workerKiller } from './adapters/parts.ts'
import { trackingClient } from './adapters/tracking.ts'
import { breaker } from './breaks.ts'
import type { Config } from './config.ts'
import { orderGroups } from './groups.ts'
import { breakHandler, breaksHandler } from './handlers/breaks.ts'
import { pipelineHandler, pipelineNews } from './handlers/pipeline.ts'
import { recordsHandler } from './handlers/records.ts'
import { routes } from './handlers/routes.ts'
import { clusterMetrics } from './metrics.ts'
import { watchCluster } from './watch-cluster.ts'

const lookEveryMs = 1_000

/** Shows the pipeline as it works. It reads alone: nothing waits for it, and nothing is kept. */
export function createApp(config: Config, { log, metrics }: Context, groups = orderGroups): App {
  const kafka = kafkaConnection(config, 'backstage', log)
  const live = liveUpdates()
  const eyes = clusterEyes(kafka, groups)
  const watch = watchCluster({
    look: eyes.look,
    looked: () => live.changed(pipelineNews),
    failed: err => log.warn({ err }, 'the cluster can not be looked at'),
    everyMs: lookEveryMs,
  })
  clusterMetrics(metrics, watch.once)
  const records = recordsHandler({
    find: trackingClient(config.TRACKING_URL),
    read: places => readRecords(kafka, { places, reader: 'backstage' }),
  })
  const { BANK_ADMIN_URL, INBOX_URL, WORKER_URL } = config
  const parts = {
    ...(BANK_ADMIN_URL && { bank: mockAt(BANK_ADMIN_URL) }),
    ...(INBOX_URL && { inbox: mockAt(INBOX_URL, '/api/mode') }),
    ...(WORKER_URL && { killWorker: workerKiller(WORKER_URL) }),
  }
  const breaks = breaker(parts, name => log.warn({ name }, 'broken, as the page was told to'))
  const handlers = {
    pipeline: pipelineHandler({ watch, live }),
    records,
    breaks: breaksHandler(breaks),
    break: breakHandler(breaks),
  }
  return {
    routes: http => addRoutes(http, routes(handlers)),
    start: async () => {},
    stop: async () => {
      live.stop()
      await eyes.close()
    },
  }
}
