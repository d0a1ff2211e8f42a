import { readArgs, reportFailure } from 'kafka-restaurants-service/command'
import { watchOutages } from './platform/outages.ts'
import { type Platform, startPlatform } from './platform/platform.ts'
import { largestOffset, portOffsetOf } from './ports.ts'
import { showProgress } from './progress.ts'
import { onStop, outliveOutput } from './signals.ts'

const help = `npm start: starts the whole platform on this machine and runs it until Ctrl-C.

  npm start -- --observe   shows all its traces and metrics, too, with Zipkin and VictoriaMetrics, which are got
                           once, by Maven and Go

Environment:
  PORT_OFFSET=n     adds n to every port, so that two platforms can run (0 to ${largestOffset})
  DATA_DIR=folder   where data and logs live (.data)
  BOOTSTRAP_SVR=..  uses this Kafka cluster; none is started
  SMTP_URL=smtp://  uses this mail server; no inbox is started
  HOST=address      address that the site listens on (127.0.0.1)
  SITE_URL=http://  where people find the site, for the links in mails (http://localhost:8080)
  KITCHEN_PASSWORD= of the user staff, for the kitchen's board and the dead-letter desk; one is made unless given
  ALLOWED_ORIGINS=  origins of other sites whose pages may call /api, joined by commas
  LOG_LEVEL=level   of the services (info)`

let platform: Platform | undefined
outliveOutput()
process.on('uncaughtException', error => void giveUp(error))
try {
  const { values } = readArgs({
    options: { help: { type: 'boolean', short: 'h' }, observe: { type: 'boolean' } },
  })
  if (values.help) console.log(help)
  else await start(values.observe ?? false)
} catch (error) {
  await giveUp(error)
}

async function start(observe: boolean): Promise<void> {
  const startedAt = Date.now()
  const environment = fromEnvironment()
  const starting = new AbortController()
  const hurry = new AbortController()
  const stopping = Promise.withResolvers<void>()
  const progress = showProgress()
  onStop(
    () => {
      progress.end()
      console.log('\nStopping. Ctrl-C once more kills everything at once.')
      starting.abort()
      stopping.resolve()
    },
    () => hurry.abort(),
  )
  try {
    platform = await startPlatform({
      ...environment,
      ...progress,
      observe,
      signal: starting.signal,
      hurry: hurry.signal,
    })
  } catch (error) {
    if (error !== starting.signal.reason) throw error
    console.log('Everything stopped.')
    process.exit(0)
  } finally {
    progress.end()
  }
  const { dataDir, dataGone, services } = platform
  console.log(`\n${table(platform)}\n\nReady in ${seconds(startedAt)} s. Ctrl-C stops everything.`)
  const asked = Object.fromEntries(services.map(({ name, port }) => [name, port]))
  const unwatch = watchOutages(asked, line => console.log(`  ${line}`))
  const wasDeleted = await Promise.race([stopping.promise.then(() => false), dataGone.then(() => true)])
  unwatch()
  if (wasDeleted) console.error(`\n${dataDir} was deleted while the platform runs on it. Stopping.`)
  const stoppingAt = Date.now()
  await platform.stop()
  const data = wasDeleted ? '' : ` Data stay in ${dataDir}; npm run clean removes them.`
  console.log(`Everything stopped in ${seconds(stoppingAt)} s.${data}`)
  process.exit(wasDeleted ? 1 : 0)
}

/** Whatever it is that went wrong, nothing is left running. */
async function giveUp(error: unknown): Promise<void> {
  reportFailure(error)
  await platform?.stop().catch(reportFailure)
  process.exit()
}

function fromEnvironment() {
  const { DATA_DIR, BOOTSTRAP_SVR, SMTP_URL, HOST, SITE_URL, KITCHEN_PASSWORD } = process.env
  return {
    portOffset: portOffsetOf(process.env),
    dataDir: DATA_DIR || '.data',
    bootstrap: BOOTSTRAP_SVR || undefined,
    smtpUrl: SMTP_URL || undefined,
    host: HOST || undefined,
    siteUrl: SITE_URL || undefined,
    kitchenPassword: KITCHEN_PASSWORD || undefined,
  }
}

function table(platform: Platform): string {
  const { urls, ports, nginx, kitchenPassword, bootstrap, smtpUrl, services, processes, logFile } = platform
  const edge = nginx ? 'NGINX routes / and /api' : 'no NGINX here: a stand-in routes / and /api'
  const rows = [
    ['site', `${urls.site}  (${edge})`, nginx ? 'NGINX' : 'edge'],
    ['Kitchen', `${urls.board}  (staff / ${kitchenPassword})`, ''],
    ['Dead letters', `${urls.desk}  (the same)`, ''],
    ['site server', `http://127.0.0.1:${ports['site behind the edge']}`, 'site'],
    ...services.map(({ name, says }) => [name, says, name]),
    ...(urls.inbox ? [] : [['inbox', `none: mails go to ${withoutPassword(smtpUrl)}`, 'inbox']]),
    ['Kafka', bootstrap, 'Kafka'],
    ...(urls.metrics
      ? [
          ['traces', urls.traces ?? 'none: they go where OTEL_EXPORTER_OTLP_… says', 'Zipkin'],
          ['metrics', urls.metrics, 'VictoriaMetrics'],
        ]
      : []),
  ].map(([what = '', url = '', log = '']) => [what, url, processes.has(log) ? logFile(log) : '-'])
  const header = ['what', 'URL', 'log']
  const widths = [0, 1].map(column => Math.max(...[header, ...rows].map(row => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    `  ${row[0]?.padEnd(widths[0] ?? 0)}  ${row[1]?.padEnd(widths[1] ?? 0)}  ${row[2]}`
  return [header, ...rows].map(line).join('\n')
}

function withoutPassword(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'another server'
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1)
}
