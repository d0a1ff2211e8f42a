import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type Metric,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client'

export { Counter, Gauge, Histogram } from 'prom-client'

/** Those of a process. */
export type Metrics = Registry<OpenMetricsContentType>

/**
 * Makes a registry of Prometheus metrics with those of the process itself (CPU, memory, event loop). It is one of OpenMetrics,
 * as prom-client has exemplars in no other; `exposition` writes it as either.
 */
export function createMetrics(): Metrics {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  collectDefaultMetrics({ register: registry })
  return registry
}

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

/** The histogram of that name, made at its first use. With `enableExemplars`, `observe` takes one object. */
export const histogram = <Label extends string>(
  metrics: Metrics,
  configuration: Omit<HistogramConfiguration<Label>, 'registers'>,
): Histogram<Label> =>
  known(metrics, configuration, () => new Histogram({ ...configuration, registers: [metrics] }))

const known = <Kind extends Metric>(metrics: Metrics, { name }: { name: string }, make: () => Kind): Kind =>
  (metrics.getSingleMetric(name) as Kind | undefined) ?? make()

/** By whom a gauge is brought up to date when it is read: each of several parts of a process by itself. */
const readers = new WeakMap<Metric, Set<() => void>>()

/**
 * Has a gauge brought up to date whenever it is read, beside what others put into it.
 * @returns what ends that
 */
export function whenRead<Label extends string>(of: Gauge<Label>, update: () => void): () => void {
  const all = readers.get(of) ?? new Set()
  readers.set(of, all)
  all.add(update)
  const collect = () => {
    for (const each of all) each()
  }
  Object.assign(of, { collect })
  return () => void all.delete(update)
}

/**
 * All metrics as text: in Prometheus' own format, or, for who prefers that, in OpenMetrics, which alone has exemplars.
 * @param accept the header of that name
 */
export async function exposition(
  metrics: Metrics,
  accept: string | undefined,
): Promise<{ contentType: string; text: string }> {
  const isOpen = prefersOpenMetrics(accept)
  const view: Registry<OpenMetricsContentType | PrometheusContentType> = new Registry()
  if (isOpen) view.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  for (const { name, help } of metrics.getMetricsAsArray()) {
    const metric = metrics.getSingleMetric(name)
    if (metric)
      view.registerMetric(isOpen && metric instanceof Counter ? sameCounter(metric, name, help) : metric)
  }
  return { contentType: view.contentType, text: await view.metrics() }
}

/** A registry of OpenMetrics takes `_total` from a counter's own name, which would be gone for good, in Prometheus' format, too. */
function sameCounter(of: Counter, name: string, help: string): Metric {
  const same = { name, help, type: 'counter', get: async () => ({ ...(await of.get()), name: same.name }) }
  return same as unknown as Metric
}

/** Whether OpenMetrics is named, and nothing else of what is written here is preferred to it (RFC 9110, 12.5.1). */
function prefersOpenMetrics(accept = ''): boolean {
  const weightOf = (type: string) => {
    const range = accept
      .toLowerCase()
      .split(',')
      .find(each => each.split(';')[0]?.trim() === type)
    return range === undefined ? 0 : Number(/;\s*q=([\d.]+)/.exec(range)?.[1] ?? 1)
  }
  const weight = weightOf('application/openmetrics-text')
  return weight > 0 && weight >= weightOf('text/plain')
}
