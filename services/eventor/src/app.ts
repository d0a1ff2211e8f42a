import type { App, Context, Logger } from 'kafka-restaurants-service'
import { exactlyOnceKafkaListener, kafkaListener, kafkaProcessor, keyOf } from './brokers/kafka.ts'
import { natsListener, natsProcessor } from './brokers/nats.ts'
import { rabbitmqListener, rabbitmqProcessor } from './brokers/rabbitmq.ts'
import { within } from './brokers/within.ts'
import { type Caller, createCaller } from './call/http-call.ts'
import type { Pipeline } from './config/schema.ts'
import type { Event, HandleEvent, Listener, Processor } from './event.ts'
import { listenerMetrics, pipelineMetrics } from './metrics.ts'
import { answering } from './pipeline.ts'

/** A listener that says nothing for as long is taken for dead, if its calls may not take longer: a token's and its own, twice. */
const usualStallMs = 60_000

/** How long a call may still take when eventor stops; then its event is handed back. */
const longestCallMs = 4_000
/** With the 8.5 s that a listener may take, less than the 9 s of packages/service. */
const goodbyeMs = 400

const levels = ['debug', 'info', 'warn', 'error']

/**
 * All pipelines of a file, as one service.
 * @param place names this process among those that live, the same after a restart (`placeName`)
 */
export function createApp(pipelines: Pipeline[], context: Context, place?: string): App {
  const running = pipelines.map(pipeline => createPipeline(pipeline, context, place))
  listenerMetrics(context.metrics, running)
  return {
    crashed: Promise.race(running.map(({ listener }) => listener.crashed)),
    notReady: () =>
      running.flatMap(({ listener, processor }) => [
        ...listener.notReady(),
        ...(processor?.notReady() ?? []),
      ]),
    outages: () => running.flatMap(({ listener }) => listener.outages()),
    start: async () => {
      await Promise.all(running.map(({ processor }) => processor?.start()))
      await Promise.all(running.map(({ listener }) => listener.start()))
    },
    stop: async () => {
      const giveUp = setTimeout(() => running.forEach(({ caller }) => void caller.stop()), longestCallMs)
      await Promise.all(running.map(({ listener }) => listener.stop()))
      clearTimeout(giveUp)
      const others = running.flatMap(({ caller, processor }) => [caller.stop(), processor?.stop()])
      await within(goodbyeMs, Promise.all(others), 'connections are not closed').catch(err =>
        context.log.debug({ err }, 'ends without a goodbye'),
      )
    },
  }
}

function createPipeline(
  pipeline: Pipeline,
  { log: parent, metrics }: Context,
  place: string | undefined,
): { name: string; listener: Listener; processor: Processor | undefined; caller: Caller } {
  const { name, concurrency, delivery, eventListener, eventResultProcessor: to, errorHandling } = pipeline
  const log = parent.child({ pipeline: name }, { level: levels[pipeline.logLevel] ?? 'info' })
  const caller = createCaller(pipeline.eventHandler)
  const answer = answering(pipeline, {
    caller,
    keyOf: to?.type === 'kafka' ? keyOf(to) : (event: Event) => event.key,
    log,
    metrics: pipelineMetrics(metrics, name),
  })
  const options = {
    concurrency,
    deadLetterTopic: errorHandling.deadLetterTopic,
    instance: place && `${place}-${name}`,
    stallMs: usualStallMs + 4 * pipeline.eventHandler.timeoutMs,
    log,
    metrics,
  }
  if (delivery === 'exactly-once' && eventListener.type === 'kafka' && to?.type === 'kafka') {
    return {
      name,
      listener: exactlyOnceKafkaListener(eventListener, to, answer, options),
      processor: undefined,
      caller,
    }
  }
  const processor = to && processorFor(to, log)
  const handle: HandleEvent = async (event, attempt, release) => {
    const answered = await answer(event, attempt)
    if (!answered) return
    release?.()
    await processor?.publish(answered.result, answered.scope)
    log.debug({ event: event.source }, 'published')
  }
  return { name, listener: listenerFor(pipeline, handle, options), processor, caller }
}

function listenerFor(
  { eventListener }: Pipeline,
  handle: HandleEvent,
  options: Parameters<typeof kafkaListener>[2],
): Listener {
  switch (eventListener.type) {
    case 'kafka':
      return kafkaListener(eventListener, handle, options)
    case 'nats':
      return natsListener(eventListener, handle, options)
    case 'rabbitmq':
      return rabbitmqListener(eventListener, handle, options)
  }
}

function processorFor(config: NonNullable<Pipeline['eventResultProcessor']>, log: Logger): Processor {
  switch (config.type) {
    case 'kafka':
      return kafkaProcessor(config, { log })
    case 'nats':
      return natsProcessor(config, log)
    case 'rabbitmq':
      return rabbitmqProcessor(config, log)
  }
}
