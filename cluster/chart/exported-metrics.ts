/** A metric as docs/metrics.md has it; the table itself is held to what the services export. */
export interface Exported {
  type: string
  labels: string[]
}

/** Labels that Prometheus gives whatever it scrapes. */
const ofTargets = ['namespace', 'pod', 'job', 'instance']

/** By its name, each metric of the tables that have the columns metric, type and labels. */
export function exportedMetrics(markdown: string): Map<string, Exported> {
  const all = new Map<string, Exported>()
  let columns: string[] = []
  for (const line of markdown.split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1) : []
    const at = (name: string) => cells[columns.indexOf(name)]?.trim() ?? ''
    const quoted = (name: string) => [...at(name).matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '')
    const head = cells.map(cell => cell.trim().toLowerCase())
    if (cells.length === 0) columns = []
    else if (head.includes('metric')) columns = head
    else for (const name of quoted('metric')) all.set(name, { type: at('type'), labels: quoted('labels') })
  }
  return all
}

/** The labels that a name in a query may be asked for; undefined where nobody exports it under that name. */
export function labelsOf(name: string, exported: Map<string, Exported>): string[] | undefined {
  const [, base = name, part] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? []
  const histogram = exported.get(base)
  if (part && histogram?.type === 'histogram')
    return [...histogram.labels, ...ofTargets, ...(part === 'bucket' ? ['le'] : [])]
  const metric = exported.get(name)
  return metric && metric.type !== 'histogram' ? [...metric.labels, ...ofTargets] : undefined
}
