import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { listedMetrics } from 'kafka-restaurants-dev-env/testing/metrics'
import { createMetrics } from 'kafka-restaurants-service'
import { expect, test } from 'vitest'
import { cases } from './alert-cases.ts'
import { type Exported, labelsOf } from './exported-metrics.ts'
import { resultLabels, usedIn } from './promql.ts'
import { alerts, dashboards, panels } from './shown.ts'

const runbooks = 'docs/runbooks'
const exported = new Map<string, Exported>([
  ...listedMetrics().map(metric => [metric.name, metric] as const),
  // Those of the process, which each service has.
  ...createMetrics()
    .getMetricsAsArray()
    .map(({ name, type }) => [name, { type: String(type), labels: [] as string[] }] as const),
])
const inGrafana = (expr: string) => expr.replaceAll('$__rate_interval', '5m')
const queries = [
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ where: title, expr: inGrafana(expr) })),
  ),
]

test('every query reads metrics that the services export, by labels that these have', () => {
  expect(queries.length).toBeGreaterThan(60)
  const wrong = queries.flatMap(({ where, expr }) =>
    usedIn(expr).flatMap(({ metric, labels }) => {
      const known = labelsOf(metric, exported)
      if (!known) return [`${where}: nobody exports ${metric}`]
      return labels
        .filter(label => !known.includes(label))
        .map(label => `${where}: ${metric} has no ${label}`)
    }),
  )
  expect(wrong).toEqual([])
})

test('a label that an annotation or a legend names is one of its result', () => {
  const named = [
    ...alerts.map(({ alert, expr, annotations }) => ({
      where: alert,
      expr,
      names: [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name),
    })),
    ...panels.flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat }) => ({
        where: title,
        expr: inGrafana(expr),
        names: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name),
      })),
    ),
  ]
  for (const { where, expr, names } of named) {
    const labels = resultLabels(expr) ?? []
    expect(labels, where).toEqual(expect.arrayContaining(names))
  }
})

test('each alert has the page of its name, each page its alert, and the list of pages has all', () => {
  expect(alerts.map(({ annotations }) => annotations.runbook_url)).toEqual(
    alerts.map(({ alert }) => `${runbooks}/${alert}.md`),
  )
  const pages = alerts.map(({ alert }) => `${alert}.md`)
  expect(readdirSync(resolve(root, runbooks)).toSorted()).toEqual([...pages, 'README.md'].toSorted())
  const overview = readFileSync(resolve(root, runbooks, 'README.md'), 'utf8')
  expect(pages.filter(page => !overview.includes(`(${page})`))).toEqual([])
})

test('a link of a dashboard leads to a page that is there', () => {
  const urls = panels.flatMap(({ links }) => links.map(({ url }) => url))
  expect(urls.length).toBeGreaterThan(20)
  expect(urls.filter(url => !existsSync(resolve(root, url)))).toEqual([])
})

test.each(dashboards)('$file: panels have ids of their own and lie beside each other', ({ dashboard }) => {
  const ids = dashboard.panels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const places = dashboard.panels.flatMap(({ title, gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => ({ title, cell: `${x + (i % w)},${y + Math.floor(i / w)}` })),
  )
  const taken = new Map<string, string>()
  const overlaps = places.flatMap(({ title, cell }) => {
    const before = taken.get(cell)
    taken.set(cell, title)
    return before === undefined ? [] : [`${before} and ${title} at ${cell}`]
  })
  expect(overlaps).toEqual([])
})

test('two dashboards, which choose where they look by the same variables', () => {
  expect(dashboards).toHaveLength(2)
  expect(new Set(dashboards.map(({ dashboard }) => dashboard.uid)).size).toBe(2)
  for (const { dashboard } of dashboards)
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace'])
  for (const { expr } of panels.flatMap(({ targets }) => targets))
    for (const { labels } of usedIn(inGrafana(expr))) expect(labels, expr).toContain('namespace')
})

test('a case that a page names is one that is played', () => {
  const names = cases.map(({ name }) => name)
  for (const { alert } of alerts) {
    const [, tested = ''] = readFileSync(resolve(root, runbooks, `${alert}.md`), 'utf8').split('## Tested')
    const named = [...(tested.split('\n\n')[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name)
    expect(named.length, alert).toBeGreaterThan(1)
    expect(names, alert).toEqual(expect.arrayContaining(named))
  }
})
