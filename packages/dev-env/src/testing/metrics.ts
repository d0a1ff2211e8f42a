import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from '../paths.ts'

/** A metric as a part tells it. */
export interface ToldMetric {
  name: string
  type: string
  help: string
  /** Without those of a histogram's buckets; of a metric with none of which there is a value yet, nothing is known of them. */
  labels: string[]
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

const unescaped = (text: string) =>
  text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))

/** Reads Prometheus' text format (0.0.4), as far as prom-client writes it. */
export function readMetrics(text: string): ToldMetric[] {
  const all: ToldMetric[] = []
  for (const line of text.split('\n')) {
    const [, kind, ofName = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === 'HELP') all.push({ name: ofName, type: '', help: unescaped(rest), labels: [], samples: [] })
    const last = all.at(-1)
    if (kind === 'TYPE' && last) last.type = rest
    const [, name, inBraces = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined || !last) continue
    const pairs = [...inBraces.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
    const labels = Object.fromEntries(pairs.map(([, label = '', each = '']) => [label, unescaped(each)]))
    last.samples.push({ name, labels, value: Number(value?.replace('Inf', 'Infinity')) })
    last.labels = [
      ...new Set([...last.labels, ...Object.keys(labels).filter(label => label !== 'le')]),
    ].sort()
  }
  return all
}

/** Sums the samples of a name that have at least these labels; undefined where there are none. */
export function sumOf(
  metrics: ToldMetric[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const found = metrics
    .flatMap(({ samples }) => samples)
    .filter(sample => sample.name === name)
    .filter(sample => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}

/** A row of docs/metrics.md. */
export interface ListedMetric {
  name: string
  type: string
  labels: string[]
  /** The parts that tell it. */
  parts: string[]
  help: string
}

export const metricsDoc = resolve(root, 'docs/metrics.md')
const row = /^\| `(\w+)` *\| (\w+) *\| (.*?) *\| (.*?) *\| (.*?) *\|$/
const list = (cell: string) => cell.split(', ').flatMap(each => each.replaceAll('`', '') || [])

/** All metrics of ours that there are, as docs/metrics.md lists them: a test compares it with what the parts tell. */
export function listedMetrics(): ListedMetric[] {
  return readFileSync(metricsDoc, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, name = '', type = '', labels = '', parts = '', help = ''] = row.exec(line) ?? []
      return name ? [{ name, type, labels: list(labels), parts: list(parts), help }] : []
    })
}

/** The same as a row. */
export const asRow = ({ name, type, labels, parts, help }: ListedMetric): string =>
  `| \`${name}\` | ${type} | ${labels.map(each => `\`${each}\``).join(', ')} | ${parts.join(', ')} | ${help} |`
