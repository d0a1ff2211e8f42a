import { randomUUID } from 'node:crypto'
import { retrying } from 'kafka-restaurants-delivery'
import { batchingProducer, clusterId, type KafkaConnection } from 'kafka-restaurants-kafka'
import { clientSettings } from 'kafka-restaurants-kafka/properties'
import { type App, type Context, liveUpdates } from 'kafka-restaurants-service'
import { claims } from './adapters/claims.ts'
import { lostRequests } from './adapters/lost-requests.ts'
import { replies } from './adapters/replies.ts'
import { needTopics } from './adapters/topics.ts'
import type { Gateway } from './config/schema.ts'
import { admission } from './handlers/admission.ts'
import { callHandler } from './handlers/calls.ts'
import { keptAnswers } from './handlers/kept-answers.ts'
import { replyHandler } from './handlers/replies.ts'
import { routes } from './handlers/routes.ts'
import { gatewayMetrics } from './metrics.ts'
import { retainedCalls } from './retained.ts'
import { waiting } from './waiting.ts'

/** How long calls may still wait when the gateway stops; less than the 5 s that packages/service gives connections. */
const graceMs = 4_000
const sweepMs = 30_000

export function createApp(gateway: Gateway, { log, metrics: registry }: Context): App {
  const { producer: settings, ...connection } = clientSettings(gateway.kafka, 'gateway')
  const kafka: KafkaConnection = { ...connection, log }
  const { callsTopic: topic, retainMs, maxPending } = gateway
  const producer = batchingProducer(kafka, {
    ...settings,
    idempotent: true,
    maxQueued: Math.max(maxPending, 10_000),
  })
  const live = liveUpdates()
  const waits = waiting()
  const calls = retainedCalls({ retainMs, mostBytes: gateway.retainBytes })
  const metrics = gatewayMetrics(registry, { pending: waits.count, retained: calls.size })
  const kept = keptAnswers(kafka, { routes: gateway.routes, live })
  const all = replies(kafka, { routes: gateway.routes, calls, metrics, told: kept.told })
  const learnt = (id: string) => {
    const call = calls.get(id)
    if (call) all.claimed(call)
  }
  const own = claims(kafka, producer, calls, { topic, retainMs, learnt })
  const lost = lostRequests(kafka)
  let secret: string | undefined
  let trouble: string[] = ['has not asked Kafka for its topics yet']
  let hasBegun = false
  const stopping = new AbortController()
  const sweep = setInterval(calls.sweep, sweepMs).unref()

  const notReady = () => [
    ...(stopping.signal.aborted ? ['stops'] : []),
    ...(trouble.length > 0 ? trouble : [...own.notReady(), ...all.notReady()]),
    ...(trouble.length === 0 && !hasBegun ? ['has not written to Kafka yet'] : []),
    ...(hasBegun && !all.isReading() ? ['does not get to read replies now'] : []),
  ]
  const begin = async () => {
    const topics = [...new Set(gateway.routes.flatMap(({ topic, feedbackTopic }) => [topic, feedbackTopic]))]
    await needTopics(kafka, { topics, make: gateway.createTopics, calls: { name: topic, retainMs } })
    secret = await clusterId(kafka)
  }

  return {
    routes: http =>
      routes(http, gateway, {
        admitted: admission(gateway, notReady),
        call: route =>
          callHandler(route, {
            ...{ producer, replies: all, claims: own, calls, kept, waiting: waits, metrics },
            isLost: lost.isLost,
            mostPending: maxPending,
            mostRetained: gateway.maxRetained,
            secret: () => secret ?? '',
          }),
        reply: replyHandler({ claims: own, kept, live }),
      }),
    notReady,
    crashed: Promise.race([own.crashed, all.crashed]),
    start: async () => {
      await retrying(begin, {
        signal: stopping.signal,
        longestMs: 2_000,
        onFailure: error => {
          trouble = [error instanceof Error ? error.message : String(error)]
          log.warn({ err: error }, 'the gateway can not begin yet')
        },
      })
      trouble = []
      // Whose replies are to be kept is known before these are read.
      await own.start()
      await own.caughtUp
      await all.start()
      await all.caughtUp
      // To write is tried before the first call has to.
      await retrying(() => own.find(randomUUID()), { signal: stopping.signal })
      hasBegun = true
    },
    stop: async () => {
      stopping.abort()
      clearInterval(sweep)
      live.stop()
      await waits.empty(graceMs)
      waits.end()
      await Promise.all([producer.stop(), own.stop(), all.stop()])
    },
  }
}
