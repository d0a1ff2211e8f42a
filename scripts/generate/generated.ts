import { existsSync, readFileSync } from 'node:fs'
import { chartReadme, withValues } from './chart-readme.ts'
import { dashboards } from './dashboards/index.ts'
import { eventBusReadme, withBusKeys } from './event-bus-keys.ts'
import { eventorReadme, withKeys } from './eventor-keys.ts'
import { excerptsFile, excerptsText } from './excerpts.ts'
import { gatewayReadme, withGatewayKeys } from './gateway-keys.ts'
import { guaranteesFile, pointAtLines } from './guarantees.ts'
import { mailTemplates, mailTemplatesText } from './mail-templates.ts'
import { scalingFile, withScale } from './scaling.ts'
import { chartTopics, chartTopicsText, clusterTopics, clusterTopicsText } from './topics.ts'

/** What is made of other files, or has parts that are: `npm run format` writes it, and a test compares. */
const makers: Record<string, (before: string) => string> = {
  [guaranteesFile]: pointAtLines,
  [eventorReadme]: withKeys,
  [eventBusReadme]: withBusKeys,
  [gatewayReadme]: withGatewayKeys,
  [chartReadme]: before => withValues(before),
  [chartTopics]: chartTopicsText,
  [clusterTopics]: clusterTopicsText,
  ...dashboards,
  [mailTemplates]: mailTemplatesText,
  [excerptsFile]: excerptsText,
  [scalingFile]: before => withScale(before),
}

/** Each of these files as it is, and as it should be. */
export const generated = () =>
  Object.entries(makers).map(([file, make]) => {
    const is = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return { file, is, shouldBe: make(is) }
  })
