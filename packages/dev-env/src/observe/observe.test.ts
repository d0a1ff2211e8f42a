import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parts } from '../platform/parts.ts'
import { shiftedPorts } from '../ports.ts'
import { metricsPortsOf, observers, observeUrls } from './observe.ts'
import { tracesTo } from './send-traces.ts'
import { scrapeConfig } from './victoria-metrics.ts'

test('the metrics of each part are fetched where they are, with an offset, too', () => {
  const { scrape_configs } = parse(scrapeConfig(metricsPortsOf(parts, shiftedPorts(300))))
  const targets = scrape_configs.map((job: { job_name: string; static_configs: { targets: string[] }[] }) => [
    job.job_name,
    job.static_configs[0]?.targets,
  ])
  expect(Object.fromEntries(targets)).toMatchObject({
    transaction: ['127.0.0.1:9767'],
    'kitchen-eventor': ['127.0.0.1:9773'],
  })
  expect(targets).toHaveLength(Object.keys(parts).length)
})

test('of a part that is not started, no metrics are fetched', () => {
  const { inbox: _, ...others } = parts
  expect(metricsPortsOf(others, shiftedPorts(0))).not.toHaveProperty('inbox')
})

test('who looks finds both where they listen', () => {
  expect(observeUrls(shiftedPorts(100), {})).toEqual({
    traces: 'http://127.0.0.1:4418',
    metrics: 'http://127.0.0.1:8528/vmui/#/dashboards',
  })
})

const collector = 'http://127.0.0.1:4318'

test('all spans go to the collector here, at once, unless something else is set', () => {
  expect(tracesTo(collector, {})).toEqual({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  })
  expect(tracesTo(collector, { OTEL_BSP_SCHEDULE_DELAY: '50' })).not.toHaveProperty('OTEL_BSP_SCHEDULE_DELAY')
})

test.each(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])(
  'with a collector of your own (%s), traces go there, and metrics alone are shown',
  name => {
    const env = { [name]: 'http://collector:4318' }
    expect(tracesTo(collector, env)).toEqual({})
    expect(observers(env)).toEqual(['VictoriaMetrics'])
    expect(observeUrls(shiftedPorts(0), env).traces).toBeUndefined()
  },
)
