import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { parseAllDocuments } from 'yaml'
import { cases, healthy } from './alert-cases.ts'

type Tool = (name: string, words: string[]) => string

/**
 * Has promtool check the rules of a rendered chart, and play the cases: at each of their times just those alerts fire that
 * are named.
 * @throws Trouble with what is otherwise, and for an alert of which no case says that it fires
 */
export function seeAlerts(resources: string, tool: Tool): string {
  const rules = rulesOf(resources)
  const fire = new Set(cases.flatMap(({ fires }) => Object.values(fires).flat()))
  const untested = rules.groups.flatMap(group => group.rules.filter(({ alert }) => !fire.has(short(alert))))
  if (untested.length > 0) throw new Trouble(`no case for ${untested.map(({ alert }) => alert).join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'))
  try {
    const [rulesFile, testsFile] = ['rules.json', 'tests.json'].map(name => join(folder, name)) as [
      string,
      string,
    ]
    writeFileSync(rulesFile, JSON.stringify(rules)) // JSON is YAML
    writeFileSync(testsFile, JSON.stringify(unitTests(rulesFile)))
    tool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', rulesFile])
    tool('promtool', ['test', 'rules', testsFile])
    return `${cases.length} cases of ${fire.size} alerts`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const prefix = 'KafkaRestaurants'
const short = (alert: string) => alert.replace(prefix, '')

interface Rules {
  groups: { rules: { alert: string }[] }[]
}

function rulesOf(resources: string): Rules {
  const objects = parseAllDocuments(resources).map(document => document.toJSON())
  const rule = objects.find(object => object?.kind === 'PrometheusRule')
  if (!rule) throw new Trouble('the chart has no PrometheusRule')
  return rule.spec
}

const unitTests = (rulesFile: string) => ({
  rule_files: [rulesFile],
  evaluation_interval: '15s',
  tests: cases.map(({ name, series, fires }) => ({
    name,
    interval: '15s',
    input_series: Object.entries({ ...healthy, ...series }).flatMap(([series, values]) =>
      values === undefined ? [] : [{ series, values }],
    ),
    promql_expr_test: Object.entries(fires).map(([minutes, alerts]) => ({
      expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
      eval_time: `${Number(minutes) * 60}s`,
      exp_samples: alerts.map(alert => ({ labels: `{alertname="${prefix}${alert}"}`, value: 1 })),
    })),
  })),
})
