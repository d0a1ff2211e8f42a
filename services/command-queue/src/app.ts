import { batchingProducer, kafkaConnection, statefulWorker, withTopics } from 'kafka-restaurants-kafka'
import { type App, type Context, liveUpdates, placeName } from 'kafka-restaurants-service'
import { limitsFile } from './adapters/limits-file.ts'
import { makeOwnTopics } from './adapters/own-topics.ts'
import { reminders } from './adapters/reminders.ts'
import { views } from './adapters/views.ts'
import type { Config } from './config.ts'
import { commandHandler } from './handlers/commands.ts'
import { anyResource, resourceHandlers } from './handlers/resources.ts'
import { routes } from './handlers/routes.ts'
import { takingHandlers } from './handlers/taking.ts'
import { queueMetrics } from './metrics.ts'
import { storedResource } from './stored-resource.ts'

export function createApp(config: Config, { log, metrics }: Context): App {
  const topics = {
    requests: config.REQUESTS_TOPIC,
    events: config.EVENTS_TOPIC,
    actionable: config.ACTIONABLE_TOPIC,
    rejected: config.REJECTED_TOPIC,
  }
  const kafka = kafkaConnection(config, 'command-queue', log)
  const producer = batchingProducer(kafka)
  const live = liveUpdates()
  const limits = limitsFile(config.LIMITS_FILE, log, {
    onChange: () => all.ids().forEach(reminding.changed),
  })
  const all = views(kafka, {
    topic: config.CHANGELOG_TOPIC,
    group: config.GROUP_ID,
  })
  const isOurs = (id: string) => worker.has({ topic: topics.events, partition: all.partitionOf(id) ?? -1 })
  const reminding = reminders({
    get: all.outline,
    running: all.running,
    isOurs,
    limits: limits.current,
    tell: (key, reminder) =>
      producer.send({
        topic: topics.events,
        partition: all.partitionOf(key),
        key,
        value: JSON.stringify(reminder),
      }),
    log,
  })
  all.onChange(resourceId => {
    live.changed(resourceId)
    live.changed(anyResource)
    reminding.changed(resourceId)
    told.changed(resourceId)
  })
  const told = queueMetrics(metrics, {
    count: all.count,
    isKnown: id => all.partitionOf(id) !== undefined,
    outline: all.outline,
    isOurs,
    limitOf: id => limits.current()(id).semaphoreLimit,
  })
  const stateful = statefulWorker({
    kafka,
    group: config.GROUP_ID,
    instance: placeName(config.PORT),
    inputs: [topics.requests, topics.events],
    changelog: { topic: config.CHANGELOG_TOPIC, format: storedResource },
    // A command that waits for the end of another has come a long way already.
    consumer: { commitMs: config.COMMIT_MS, restMs: config.COMMIT_MS },
    metrics,
    handle: commandHandler({
      topics,
      limits: limits.current,
      mostBytes: config.MESSAGE_KIB,
      count: told.decided,
      now: Date.now,
    }),
  })
  const worker = withTopics(stateful, kafka, () =>
    makeOwnTopics(kafka, { ...topics, changelog: config.CHANGELOG_TOPIC }),
  )

  return {
    routes: http =>
      routes(http, {
        mostBytes: config.MESSAGE_KIB,
        taking: takingHandlers({ topics, mostBytes: config.MESSAGE_KIB, send: producer.send }),
        resources: resourceHandlers({ views: all, limits: limits.current, live }),
      }),
    start: async () => {
      limits.watch()
      await Promise.all([all.start(), worker.start()])
    },
    stop: async () => {
      limits.close()
      live.stop()
      reminding.stop()
      await worker.stop()
      await Promise.all([all.stop(), producer.stop()])
    },
    notReady: () => [...worker.notReady(), ...all.notReady()],
    outages: worker.outages,
    crashed: Promise.race([worker.crashed, all.crashed]),
  }
}
