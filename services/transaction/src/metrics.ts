import type { OnCommitted } from 'kafka-restaurants-kafka'
import { counter, histogram, type Metrics, observeTraced } from 'kafka-restaurants-service'

/** What a call of the bank has come to; `unreadable` is what it can't read, `failed` no answer, or none that decides. */
export type CallOutcome = 'paid' | 'declined' | 'unreadable' | 'failed'

/** What transaction tells of orders and of the bank. */
export function orderMetrics(metrics: Metrics) {
  const settled = counter(metrics, {
    name: 'orders_settled_total',
    help: 'Orders whose outcome is committed to Kafka, each once',
    labelNames: ['outcome'],
  })
  for (const outcome of ['paid', 'declined']) settled.inc({ outcome }, 0)
  const confirmation = histogram(metrics, {
    name: 'order_confirmation_seconds',
    help: 'Seconds from when the record of an order was written to when its outcome is committed',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
    enableExemplars: true,
  })
  const charges = histogram(metrics, {
    name: 'charge_seconds',
    help: 'Seconds that one call of the bank took, repeats too, without what it has waited for a connection',
    labelNames: ['outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  return {
    called: (outcome: CallOutcome, seconds: number) => charges.observe({ outcome }, seconds),
    /** Of a record that has led to no outcome, as a dead letter or a duplicate, nothing is told. */
    settled:
      ({ confirm, declined }: { confirm: string; declined: string }): OnCommitted =>
      ({ timestamp }, outputs) => {
        const told = outputs.find(({ topic }) => topic === confirm || topic === declined)
        if (!told) return
        settled.inc({ outcome: told.topic === confirm ? 'paid' : 'declined' })
        const seconds = Math.max(0, Date.now() - Number(timestamp)) / 1_000
        observeTraced(confirmation, seconds, { of: told.headers })
      },
  }
}
