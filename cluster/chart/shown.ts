import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { parse } from 'yaml'
import { z } from 'zod'

const read = (file: string) => readFileSync(resolve(root, file), 'utf8')

/** An alert; strict, as Prometheus is. */
const Alert = z.strictObject({
  alert: z.string().regex(/^KafkaRestaurants[A-Z]\w+$/),
  expr: z.string(),
  for: z.string(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({
    summary: z.string().min(20),
    description: z.string().min(40),
    runbook_url: z.string(),
  }),
})

/** The alerts of the chart, as it ships them. */
export const alerts = z.array(Alert).parse(parse(read('helm/files/alerts.yaml')))

const Place = z.object({ h: z.int().positive(), w: z.int().positive(), x: z.int().min(0), y: z.int().min(0) })
const panel = {
  id: z.int().positive(),
  title: z.string().min(1),
  gridPos: Place.refine(({ x, w }) => x + w <= 24, 'stands out of the 24 columns'),
}
const Source = z.object({ type: z.literal('prometheus'), uid: z.literal('$' + '{datasource}') })
const Panel = z.discriminatedUnion('type', [
  z.object({ ...panel, type: z.literal('row'), collapsed: z.literal(false), panels: z.tuple([]) }),
  z.object({
    ...panel,
    type: z.enum(['timeseries', 'stat']),
    description: z.string().min(20),
    datasource: Source,
    links: z.array(z.object({ title: z.string(), url: z.string() })).default([]),
    fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }),
    targets: z
      .array(
        z.object({
          refId: z.string(),
          datasource: Source,
          expr: z.string(),
          legendFormat: z.string().min(1),
        }),
      )
      .min(1),
  }),
])

/** What Grafana asks of a dashboard's file, and we of its panels. */
const Dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int(),
  tags: z.array(z.string()).min(1),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel).min(1),
})

/** The dashboards of the chart, by the name of the file. */
export const dashboards = globSync('helm/files/dashboard-*.json', { cwd: root }).map(file => ({
  file,
  dashboard: Dashboard.parse(JSON.parse(read(file))),
}))

/** All panels that show something. */
export const panels = dashboards.flatMap(({ dashboard }) =>
  dashboard.panels.flatMap(each => (each.type === 'row' ? [] : [each])),
)
