import { setTimeout } from 'node:timers/promises'
import { counter, Gauge, Histogram, type Metrics } from 'kafka-restaurants-service'
import type { Listener } from './event.ts'

/** What one pipeline counts. */
export interface PipelineMetrics {
  /** Begins a call; the returned function ends it with the status, or `network`. */
  call: () => (outcome: string) => void
  /** What was decided about an answer. */
  decided: (decision: string) => void
}

export function pipelineMetrics(metrics: Metrics, pipeline: string): PipelineMetrics {
  const calls = counter(metrics, {
    name: 'eventor_calls_total',
    help: 'Calls of the endpoint, by its answer: a status, or network',
    labelNames: ['pipeline', 'status'],
  })
  const events = counter(metrics, {
    name: 'eventor_answers_total',
    help: 'What became of calls: publish, drop, ignore, retry, outage, dead-letter',
    labelNames: ['pipeline', 'decision'],
  })
  const seconds =
    (metrics.getSingleMetric('eventor_call_seconds') as Histogram<'pipeline'> | undefined) ??
    new Histogram({
      name: 'eventor_call_seconds',
      help: 'Seconds that calls of the endpoint took',
      labelNames: ['pipeline'],
      registers: [metrics],
    })
  const took = seconds.labels({ pipeline })
  return {
    call: () => {
      const end = took.startTimer()
      return status => {
        end()
        calls.inc({ pipeline, status })
      }
    },
    decided: decision => events.inc({ pipeline, decision }),
  }
}

/** A scrape must not wait for a broker that does not answer. */
const scrapeMs = 2_000

/** Gauges of what listeners know, who are asked when these are read. What can't be told is left out. */
export function listenerMetrics(metrics: Metrics, listeners: { name: string; listener: Listener }[]): void {
  const common = { labelNames: ['pipeline' as const], registers: [metrics] }
  new Gauge({
    ...common,
    name: 'eventor_paused',
    help: '1 while events wait for the endpoint, or the broker of the results, to be back; else 0',
    collect() {
      for (const { name, listener } of listeners)
        this.set({ pipeline: name }, listener.outages().length > 0 ? 1 : 0)
    },
  })
  new Gauge({
    ...common,
    name: 'eventor_events_waiting',
    help: 'Events of NATS and RabbitMQ that are not acknowledged yet; of Kafka, kafka_consumer_lag tells',
    async collect() {
      const ask = async ({ name: pipeline, listener }: (typeof listeners)[number]) => {
        const late = setTimeout(scrapeMs, undefined, { ref: false })
        const count = await Promise.race([listener.waiting?.().catch(() => undefined), late])
        if (count === undefined) this.remove({ pipeline })
        else this.set({ pipeline }, count)
      }
      await Promise.all(listeners.map(ask))
    },
  })
}
