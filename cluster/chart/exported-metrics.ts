/** A metric as docs/metrics.md lists it. */
export interface Exported {
  type: string
  labels: string[]
}

/** Labels that Prometheus gives whatever it scrapes. */
const ofTargets = ['namespace', 'pod', 'job', 'instance']

/** The labels that a name in a query may be asked for; undefined where nobody exports it under that name. */
export function labelsOf(name: string, exported: Map<string, Exported>): string[] | undefined {
  const [, base = name, part] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? []
  const histogram = exported.get(base)
  if (part && histogram?.type === 'histogram')
    return [...histogram.labels, ...ofTargets, ...(part === 'bucket' ? ['le'] : [])]
  const metric = exported.get(name)
  return metric && metric.type !== 'histogram' ? [...metric.labels, ...ofTargets] : undefined
}
