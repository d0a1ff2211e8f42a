import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  type Metric,
  Registry,
} from 'prom-client'

export { Counter, Gauge, Histogram } from 'prom-client'

/** Makes a registry of Prometheus metrics with those of the process itself (CPU, memory, event loop). */
export function createMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

export type Metrics = Registry

/** The counter of that name: made at its first use, as several parts of a process may count into one. */
export const counter = <Label extends string>(
  metrics: Metrics,
  configuration: Omit<CounterConfiguration<Label>, 'registers'>,
): Counter<Label> =>
  known(metrics, configuration, () => new Counter({ ...configuration, registers: [metrics] }))

/** The gauge of that name, made at its first use. */
export const gauge = <Label extends string>(
  metrics: Metrics,
  configuration: Omit<GaugeConfiguration<Label>, 'registers'>,
): Gauge<Label> => known(metrics, configuration, () => new Gauge({ ...configuration, registers: [metrics] }))

const known = <Kind extends Metric>(metrics: Metrics, { name }: { name: string }, make: () => Kind): Kind =>
  (metrics.getSingleMetric(name) as Kind | undefined) ?? make()
