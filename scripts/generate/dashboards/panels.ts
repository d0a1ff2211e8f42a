/** A query, and what the legend calls each of its series. */
export type Query = [expr: string, legend: string]

/** A panel as we write it down; Grafana's many words for it are in `dashboardJson`. */
export interface Panel {
  type: 'timeseries' | 'stat'
  title: string
  /** What it shows, and when to worry. */
  says: string
  /** Grafana's name of the unit, such as s, reqps or short. */
  unit: string
  /** Of 24 columns. */
  width: number
  queries: Query[]
  /** Whether points may lead to the trace of one order. */
  exemplars?: boolean
  /** Grows from zero as one area. */
  stacked?: boolean
  /** From this value on it is red. */
  bad?: number
  /** The alert whose page in docs/runbooks belongs to it. */
  runbook?: string
}

type Shown = Omit<Panel, 'type' | 'title' | 'width'> & { width?: number }

export const graph = (title: string, shown: Shown): Panel => ({
  type: 'timeseries',
  title,
  width: 12,
  ...shown,
})

/** One number, the latest. */
export const number = (title: string, shown: Shown): Panel => ({ type: 'stat', title, width: 6, ...shown })

export interface Row {
  title: string
  panels: Panel[]
}

/** What each query is limited to: one installation. */
export const here = 'namespace="$namespace"'

/** The rate of a counter, summed by labels; `where` begins with a comma. */
export const rate = (counter: string, by = '', where = '') =>
  `sum${by && ` by (${by})`} (rate(${counter}{${here}${where}}[$__rate_interval]))`

/** A quantile of a histogram, by labels. */
export const quantile = (q: number, histogram: string, by = '', where = '') =>
  `histogram_quantile(${q}, ${rate(`${histogram}_bucket`, by ? `le, ${by}` : 'le', where)})`

/** The median, and what one in twenty, and one in a hundred, takes longer than. */
export const quantiles = (histogram: string, where = ''): Query[] =>
  [0.5, 0.95, 0.99].map(q => [quantile(q, histogram, '', where), `p${q * 100}`])
