import { context, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { observeTraced } from './exemplars.ts'
import { counter, createMetrics, exposition, gauge, histogram, type Metrics, whenRead } from './metrics.ts'
import * as tracing from './tracing.ts'

const prometheusAccept =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

interface Family {
  type?: string
  samples: string[]
}

/** Reads OpenMetrics strictly, as far as it is used here. @throws where it is none */
function openMetricsOf(text: string): Map<string, Family> {
  expect(text).toMatch(/\n# EOF\n$/)
  const families = new Map<string, Family>()
  let last = ''
  for (const line of text.slice(0, -'# EOF\n'.length - 1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_]\w*) (.+)$/.exec(line) ?? []
    if (kind) {
      if (kind === 'HELP') expect([name, families.has(name)]).toEqual([name, false])
      const family = families.get(name) ?? { samples: [] }
      families.set(name, kind === 'TYPE' ? { ...family, type: rest } : family)
      last = name
      continue
    }
    const sample =
      /^([a-zA-Z_]\w*)(\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\})? (?:[-+\d.e]+|[+-]Inf|nan)( # \{\w+="\w*"\} [\d.e-]+ [\d.]+)?$/i
    const [, own = '', , example] = sample.exec(line) ?? []
    const { type, samples } = families.get(last) ?? { samples: [] }
    const suffixes = { counter: ['_total'], histogram: ['_bucket', '_sum', '_count'], gauge: [''] }[
      type ?? ''
    ]
    expect([line, suffixes?.map(suffix => `${last}${suffix}`)]).toEqual([line, expect.arrayContaining([own])])
    if (example) expect(own).toMatch(/_bucket$/)
    samples.push(line)
  }
  return families
}

function someMetrics(): Metrics {
  const metrics = createMetrics()
  counter(metrics, { name: 'orders_total', help: 'Orders', labelNames: ['outcome'] }).inc({
    outcome: 'a"\\\n',
  })
  histogram(metrics, { name: 'mail_seconds', help: 'Seconds', enableExemplars: true, buckets: [1, 2] })
  return metrics
}

/** As in the span of a request of a trace with these flags. */
function inTrace(traceFlags: number, work: () => void) {
  vi.spyOn(tracing, 'isTracing').mockReturnValue(true)
  const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags })
  vi.spyOn(context, 'active').mockReturnValue(trace.setSpan(context.active(), span))
  work()
}
afterEach(() => {
  vi.restoreAllMocks()
})

describe('metrics', () => {
  it.each([undefined, '*/*', 'text/plain', 'text/html', 'application/openmetrics-text;q=0, */*'])(
    'are told in the format of Prometheus to who accepts %j',
    async accept => {
      const { contentType, text } = await exposition(someMetrics(), accept)
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
      expect(text).toContain('# TYPE orders_total counter\norders_total{outcome="a\\"\\\\\\n"} 1\n')
      expect(text).not.toContain('EOF')
    },
  )

  it.each([prometheusAccept, 'application/openmetrics-text', 'Application/OpenMetrics-Text; version=1.0.0'])(
    'are told in OpenMetrics to who accepts %j',
    async accept => {
      const { contentType, text } = await exposition(someMetrics(), accept)
      expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
      const families = openMetricsOf(text)
      expect(families.get('orders')).toEqual({
        type: 'counter',
        samples: ['orders_total{outcome="a\\"\\\\\\n"} 1'],
      })
      expect(families.get('process_cpu_seconds')?.type).toBe('counter')
    },
  )

  it('have the same names afterwards', async () => {
    const metrics = someMetrics()
    const before = await exposition(metrics, undefined)
    await exposition(metrics, prometheusAccept)
    const namesOf = ({ text }: { text: string }) => text.match(/^# TYPE .*/gm)
    expect(namesOf(await exposition(metrics, undefined))).toEqual(namesOf(before))
  })

  it('have a trace as an example where it is kept, and only in OpenMetrics', async () => {
    const metrics = someMetrics()
    const seconds = histogram(metrics, { name: 'mail_seconds', help: 'Seconds', enableExemplars: true })
    inTrace(1, () => observeTraced(seconds, 1.5))
    const { text } = await exposition(metrics, prometheusAccept)
    expect(openMetricsOf(text).get('mail_seconds')?.samples).toContainEqual(
      expect.stringMatching(
        `^mail_seconds_bucket\\{le="2"\\} 1 # \\{trace_id="${'a'.repeat(32)}"\\} 1.5 \\d`,
      ),
    )
    expect((await exposition(metrics, undefined)).text).not.toContain('trace_id')
  })

  it.each([
    ['of a trace that is not kept', 0, true],
    ['where nothing is traced', 1, false],
  ])('have no example %s', async (_what, flags, isOn) => {
    const metrics = someMetrics()
    const seconds = histogram(metrics, { name: 'mail_seconds', help: 'Seconds', enableExemplars: true })
    inTrace(flags, () => {
      vi.mocked(tracing.isTracing).mockReturnValue(isOn)
      observeTraced(seconds, 1.5)
    })
    const { text } = await exposition(metrics, prometheusAccept)
    expect(text).toContain('mail_seconds_count 1')
    expect(text).not.toContain('trace_id')
  })

  it('are one where several parts of a process have them, each of which brings its own up to date', async () => {
    const metrics = createMetrics()
    const of = (part: string) => {
      const waiting = gauge(metrics, { name: 'waiting', help: 'Waiting', labelNames: ['part'] })
      return whenRead(waiting, () => waiting.inc({ part }))
    }
    of('a')
    const end = of('b')
    await exposition(metrics, undefined)
    end()
    const { text } = await exposition(metrics, undefined)
    expect(text).toMatch('waiting{part="a"} 2\nwaiting{part="b"} 1')
  })
})
