import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { type Dashboard, dashboardJson } from './dashboard-json.ts'
import { restaurant } from './restaurant.ts'
import { workers } from './workers.ts'

/** The dashboards' files, which the chart ships, and what is in each. */
export const dashboards: Record<string, () => string> = Object.fromEntries(
  Object.entries({ restaurant, workers } satisfies Record<string, Dashboard>).map(([name, dashboard]) => [
    resolve(root, `helm/files/dashboard-${name}.json`),
    () => dashboardJson(dashboard),
  ]),
)
