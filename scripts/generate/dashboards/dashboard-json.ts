import type { Panel, Row } from './panels.ts'

export interface Dashboard {
  uid: string
  title: string
  description: string
  rows: Row[]
}

/** Where the runbooks are, which the chart replaces by its value `monitoring.runbooks`. */
const runbooks = 'docs/runbooks'

const columns = 24
const heights = { timeseries: 8, stat: 4 }
const source = { type: 'prometheus', uid: '$' + '{datasource}' }

/** A dashboard as Grafana loads it: rows below each other, and in each the panels from left to right. */
export function dashboardJson({ uid, title, description, rows }: Dashboard): string {
  const dashboard = {
    uid,
    title,
    description,
    tags: ['kafka-restaurants'],
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    graphTooltip: 1, // the same time is marked in all panels
    links: [
      {
        type: 'dashboards',
        icon: 'dashboard',
        title: 'Kafka Restaurants',
        tags: ['kafka-restaurants'],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
      },
      { type: 'link', icon: 'doc', title: 'Runbooks', url: `${runbooks}/README.md`, targetBlank: true },
    ],
    templating: { list: variables },
    panels: placed(rows),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

const variables = [
  { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
  {
    name: 'namespace',
    label: 'Namespace',
    type: 'query',
    datasource: source,
    query: { query: 'label_values(orders_accepted_total, namespace)', refId: 'namespace' },
    refresh: 2, // whenever the time range is another
    sort: 1,
  },
]

function placed(rows: Row[]) {
  let id = 0
  let y = 0
  return rows.flatMap(({ title, panels }) => {
    const head = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { h: 1, w: columns, x: 0, y: y++ },
    }
    let x = 0
    let height = 0
    const those = panels.map(panel => {
      if (x + panel.width > columns) {
        x = 0
        y += height
        height = 0
      }
      const h = heights[panel.type]
      const gridPos = { h, w: panel.width, x, y }
      x += panel.width
      height = Math.max(height, h)
      return { id: ++id, ...panelJson(panel), gridPos }
    })
    y += height
    return [{ ...head, panels: [] }, ...those]
  })
}

function panelJson(panel: Panel) {
  const { type, title, says, queries, exemplars, runbook } = panel
  return {
    type,
    title,
    description: says,
    datasource: source,
    ...(runbook && {
      links: [{ title: 'What to do', url: `${runbooks}/${runbook}.md`, targetBlank: true }],
    }),
    fieldConfig: { defaults: fieldJson(panel), overrides: [] },
    options: type === 'stat' ? statOptions : graphOptions,
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: source,
      expr,
      legendFormat,
      ...(exemplars && { exemplar: true }),
    })),
  }
}

const statOptions = {
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  graphMode: 'area',
  colorMode: 'value',
}

const graphOptions = {
  legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
  tooltip: { mode: 'multi', sort: 'desc' },
}

function fieldJson({ type, unit, stacked, bad }: Panel) {
  const limit = bad === undefined ? [] : [{ color: 'red', value: bad }]
  const drawn = {
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 5,
    showPoints: 'never',
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: bad === undefined ? 'off' : 'line' },
  }
  return {
    unit,
    min: 0,
    thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, ...limit] },
    ...(type === 'timeseries' && { custom: drawn }),
  }
}
