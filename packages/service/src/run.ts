import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Express } from 'express'
import type { DestinationStream, Logger } from 'pino'
import { z } from 'zod'
import { ConfigError, readConfig, type ServiceConfig } from './config.ts'
import { closed, httpApp, httpServer, problemHandlers } from './http.ts'
import { createLog, lossyOutput } from './log.ts'
import { counter, createMetrics, exposition, type Metrics } from './metrics.ts'
import { listen, PortError } from './ports.ts'
import { answeredBy, measuredListener } from './requests.ts'
import { startTracing, tracedListener } from './tracing.ts'

/** What every part of a service may need of its process. */
export interface Context {
  log: Logger
  metrics: Metrics
  /** Why lines of the log are being lost, in a sentence, if so. */
  logTrouble?: (() => string | undefined) | undefined
}

/** The log and the metrics of a process. The log goes to standard output, unless a test wants to see it. */
export function createContext(name: string, level: string, output?: DestinationStream): Context {
  const metrics = createMetrics()
  if (output) return { log: createLog(name, level, output), metrics }
  const lost = counter(metrics, {
    name: 'log_lines_lost_total',
    help: 'Lines of the log that could not be written',
  })
  const standard = lossyOutput(() => lost.inc())
  return { log: createLog(name, level, standard), metrics, logTrouble: standard.trouble }
}

/** A service, wired but not running. Every part is optional. */
export interface App {
  /** Adds the service's own routes; `/health` and `/health/ready` are there already. */
  routes?: (http: Express) => void
  /**
   * Answers a request without Express, which costs more than an answer that is there already, or says that it has not: the
   * routes get it then. It throws nothing, and what is answered so has a route all the same, for all that is unusual.
   * @returns the pattern of that route, where it has answered
   */
  direct?: (request: IncomingMessage, response: ServerResponse) => string | undefined
  /** Starts what the service needs. The HTTP server listens before it is called, so that a probe gets an answer. */
  start?: () => Promise<void>
  /** Finishes what is in flight and lets go. Called once, before the HTTP server is closed, and perhaps before `start` is done. */
  stop?: () => Promise<void>
  /** Why the service can't take work at all now, a sentence each; none when it can. */
  notReady?: () => string[]
  /** What waits, while the service works on all else, a sentence each: told, and no reason to stop it or to take it out. */
  outages?: () => string[]
  /** Rejects when the service can't go on; the process then exits 1 and whoever runs it starts it again. */
  crashed?: Promise<never>
}

/** A running service. `port` is the one it really listens on. */
export interface RunningService {
  port: number
  metricsPort: number
  stop: () => Promise<void>
}

/** What `/health/ready` answers, with 200 or 503. */
export const Readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  reasons: z.array(z.string()),
  outages: z.array(z.string()),
})

type Stoppable = Pick<RunningService, 'stop'>
const stopDeadlineMs = 9_000

/**
 * Runs a service as a process: environment, log, health, metrics, signals, exit code.
 * Exits 2 on an environment that can't be used, 1 on a port that is taken, a failed start, a crash or a stop that takes
 * longer than 9 s, and 0 after SIGTERM or SIGINT, also while it starts.
 */
export async function runService<Config extends ServiceConfig>(service: {
  name: string
  config: z.ZodType<Config>
  createApp: (config: Config, context: Context) => App
}): Promise<void> {
  const config = configOrExit(service)
  const context = createContext(service.name, config.LOG_LEVEL)
  const { log } = context
  let stopping = false
  process.on('unhandledRejection', err => fatal(log, err))
  const stopTracing = await startTracing(service.name)
  try {
    const app = service.createApp(config, context)
    // Who is stopped while it starts, as what it needs is away, is stopped as well as later.
    let running: Stoppable = { stop: async () => app.stop?.() }
    onceSignalled(signal => {
      stopping = true
      void shutDown(signal, { stop: () => running.stop().finally(stopTracing) }, log)
    })
    app.crashed?.catch(err => fatal(log, err))
    const started = await startService(app, config, context)
    if (stopping) return
    running = started
    log.info({ port: started.port, metricsPort: started.metricsPort }, 'ready')
  } catch (err) {
    if (stopping) return
    exitInWords(service.name, err)
    fatal(log, err)
  }
}

/** Before there is a log: its level is part of the environment. */
function configOrExit<Config extends ServiceConfig>(service: {
  name: string
  config: z.ZodType<Config>
}): Config {
  try {
    return readConfig(service.config, process.env)
  } catch (err) {
    exitInWords(service.name, err)
    throw err
  }
}

/** What whoever started the process can put right is a sentence, and no stack. */
function exitInWords(name: string, err: unknown): void {
  if (!(err instanceof ConfigError || err instanceof PortError)) return
  console.error(`${name}: ${err.message}`)
  process.exit(err instanceof ConfigError ? 2 : 1)
}

/** Starts an app with its HTTP servers, without touching the process: what `runService` and tests share. */
export async function startService(
  app: App,
  config: ServiceConfig,
  context: Context,
): Promise<RunningService> {
  let started = false
  const notReady = () => [...(started ? [] : ['starting']), ...(app.notReady?.() ?? [])]
  const http = httpApp()
  http.get('/health', (_request, response) => void response.json({ status: 'healthy' }))
  http.get('/health/ready', (_request, response) => {
    const reasons = notReady()
    const outages = [app.outages?.() ?? [], context.logTrouble?.() ?? []].flat()
    response.status(reasons.length ? 503 : 200).json({
      status: reasons.length ? 'not ready' : 'ready',
      reasons,
      outages,
    } satisfies z.infer<typeof Readiness>)
  })
  app.routes?.(http)
  problemHandlers(http, context.log)
  const place = { host: config.HOST, port: config.PORT, portVariable: 'PORT' }
  const listener: RequestListener = (request, response) => {
    const route = app.direct?.(request, response)
    if (route) answeredBy(request, route)
    else http(request, response)
  }
  const measured = measuredListener(context, tracedListener(listener))
  const server = await listen(httpServer(measured), place)
  const metricsServer = await listen(httpServer(metricsApp(context.metrics, config.CRASH_ALLOWED)), {
    ...place,
    port: config.METRICS_PORT,
    portVariable: 'METRICS_PORT',
  })
  await app.start?.()
  started = true
  return {
    port: portOf(server),
    metricsPort: portOf(metricsServer),
    stop: async () => {
      started = false
      await Promise.all([app.stop?.(), closed(server)])
      await closed(metricsServer)
    },
  }
}

/** @param mayCrash whether `POST /crash` kills the process, as kill -9 does; there is no such path unless it may */
function metricsApp(metrics: Metrics, mayCrash = false): Express {
  const app = httpApp()
  if (mayCrash)
    app.post('/crash', (request, response) => {
      // A page of any site can have a browser post to this machine, but not with a header of its own.
      if (request.get('X-Backstage')) die()
      response.status(403).type('text').send('POST /crash has to bring the header X-Backstage.')
    })
  app.get('/metrics', async (request, response) => {
    const { contentType, text } = await exposition(metrics, request.get('Accept'))
    response.set({ 'Content-Type': contentType, Vary: 'Accept' }).send(text)
  })
  return app
}

/** Ends the process as kill -9 does: nothing in hand is finished, and nobody is told. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // Still here: Linux keeps the first process of a container from killing itself. What runs is not waited for here, either.
  process.exit(137)
}

const portOf = (server: Server) => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function onceSignalled(stop: (signal: string) => void): void {
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      stop(signal)
    })
  }
}

async function shutDown(signal: string, running: Stoppable, log: Logger): Promise<void> {
  log.info({ signal }, 'stopping')
  setTimeout(() => fatal(log, new Error(`not stopped within ${stopDeadlineMs} ms`)), stopDeadlineMs).unref()
  try {
    await running.stop()
  } catch (err) {
    fatal(log, err)
  }
  log.info('stopped')
  process.exit(0)
}

function fatal(log: Logger, err: unknown): void {
  log.fatal({ err }, 'exiting')
  process.exit(1)
}
