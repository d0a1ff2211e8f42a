import { parseArgs } from 'node:util'
import { allowedOrigins } from 'kafka-restaurants-service'
import { watchOutages } from './platform/outages.ts'
import { type Platform, startPlatform } from './platform.ts'
import { largestOffset } from './ports.ts'
import { reportFailure, Trouble } from './trouble.ts'

const help = `npm start: starts the whole platform on this machine and runs it until Ctrl-C.

Environment:
  PORT_OFFSET=n     adds n to every port, so that two platforms can run (0 to ${largestOffset})
  DATA_DIR=folder   where data and logs live (.data)
  BOOTSTRAP_SVR=..  uses this Kafka cluster; none is started
  SMTP_URL=smtp://  uses this mail server; no inbox is started
  HOST=address      address that the site listens on (127.0.0.1)
  ALLOWED_ORIGINS=  origins of other sites whose pages may call /api, joined by commas
  LOG_LEVEL=level   of the services (info)`

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) console.log(help)
  else await start()
} catch (error) {
  reportFailure(error)
  process.exit()
}

async function start(): Promise<void> {
  const startedAt = Date.now()
  const starting = new AbortController()
  let platform: Platform | undefined
  const stopping = Promise.withResolvers<void>()
  onStopSignals(
    () => {
      console.log('\nStopping. Ctrl-C once more kills everything at once.')
      starting.abort()
      stopping.resolve()
    },
    () => void platform?.kill(),
  )
  console.log('Starting Kafka Restaurants')
  try {
    platform = await startPlatform({
      ...fromEnvironment(),
      say: line => console.log(`  ${line}`),
      signal: starting.signal,
    })
  } catch (error) {
    if (!starting.signal.aborted) throw error
    process.exit(0)
  }
  console.log(`\n${table(platform)}\n\nReady in ${seconds(startedAt)} s. Ctrl-C stops everything.`)
  const { ports } = platform
  const unwatch = watchOutages({ transaction: ports.transaction, email: ports.email }, line =>
    console.log(`  ${line}`),
  )
  await stopping.promise
  unwatch()
  const stoppingAt = Date.now()
  await platform.stop()
  console.log(
    `Everything stopped in ${seconds(stoppingAt)} s. Data stay in ${platform.dataDir}; npm run clean removes them.`,
  )
  process.exit(0)
}

function fromEnvironment() {
  const { PORT_OFFSET = '0', DATA_DIR, BOOTSTRAP_SVR, SMTP_URL, HOST } = process.env
  const portOffset = Number(PORT_OFFSET)
  if (!Number.isInteger(portOffset) || portOffset < 0 || portOffset > largestOffset) {
    throw new Trouble(
      `PORT_OFFSET must be a whole number from 0 to ${largestOffset}; it is "${PORT_OFFSET}".`,
    )
  }
  const origins = allowedOrigins.safeParse(process.env.ALLOWED_ORIGINS)
  if (!origins.success) throw new Trouble(`ALLOWED_ORIGINS ${origins.error.issues[0]?.message}.`)
  return {
    portOffset,
    dataDir: DATA_DIR || '.data',
    bootstrap: BOOTSTRAP_SVR || undefined,
    smtpUrl: SMTP_URL || undefined,
    host: HOST || undefined,
  }
}

/** One Ctrl-C arrives from the terminal, from npm and from run.mjs: signals within half a second are one. */
function onStopSignals(first: () => void, again: () => void): void {
  let firstAt = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt === 0) {
        firstAt = Date.now()
        first()
      } else if (Date.now() - firstAt > 500) again()
    })
  }
}

function table({ urls, ports, nginx, bootstrap, smtpUrl, processes, logFile }: Platform): string {
  const edge = nginx ? 'NGINX routes / and /api' : 'no NGINX here: a stand-in routes / and /api'
  const inbox = urls.inbox ? `${urls.inbox}  (${smtpUrl})` : `none: mails go to ${withoutPassword(smtpUrl)}`
  const rows = [
    ['site', `${urls.site}  (${edge})`, nginx ? 'NGINX' : 'edge'],
    ['site server', `http://127.0.0.1:${ports['site behind the edge']}`, 'site'],
    ['search-order', urls.searchOrder, 'search-order'],
    ['transaction', `${urls.transaction}/health`, 'transaction'],
    ['email', `${urls.email}/health`, 'email'],
    ['bank', `${urls.bank}  (admin ${urls.bankAdmin})`, 'bank'],
    ['inbox', inbox, 'inbox'],
    ['Kafka', bootstrap, 'Kafka'],
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
