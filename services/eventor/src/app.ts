import type { App, Context, Logger } from 'kafka-restaurants-service'
import { exactlyOnceKafkaListener, kafkaListener, kafkaProcessor, keyOf } from './brokers/kafka.ts'
import { natsListener, natsProcessor } from './brokers/nats.ts'
import { rabbitmqListener, rabbitmqProcessor } from './brokers/rabbitmq.ts'
import { type Caller, createCaller } from './call/http-call.ts'
import type { Pipeline } from './config/schema.ts'
import type { Event, HandleEvent, Listener, Processor } from './event.ts'
import { listenerMetrics, pipelineMetrics } from './metrics.ts'
import { answering } from './pipeline.ts'

/** A listener that says nothing for as long is taken for dead, if its calls may not take longer: a token's and its own, twice. */
const usualStallMs = 60_000

const levels = ['debug', 'info', 'warn', 'error']

/** All pipelines of a file, as one service. */
export function createApp(pipelines: Pipeline[], context: Context): App {
  const running = pipelines.map(pipeline => createPipeline(pipeline, context))
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
      await Promise.all(running.map(({ listener }) => listener.stop()))
      await Promise.all(running.flatMap(({ caller, processor }) => [caller.stop(), processor?.stop()]))
    },
  }
}

function createPipeline(
  pipeline: Pipeline,
  { log: parent, metrics }: Context,
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
