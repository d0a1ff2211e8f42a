/** Who has a collector of his own has his spans go there, and not be shown here. */
export const hasOwnCollector = (env = process.env): boolean =>
  Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)

/** The environment that has services send all their spans to a collector here, at once. What somebody has set holds. */
export function tracesTo(collector: string, env = process.env): Record<string, string> {
  if (hasOwnCollector(env)) return {}
  const wanted = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !env[name]))
}
