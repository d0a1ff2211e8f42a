export type { Logger } from 'pino'
export {
  allowedOrigins,
  ConfigError,
  httpPortEnv,
  httpUrlEnv,
  portEnv,
  readConfig,
  type ServiceConfig,
  serviceEnv,
} from './config.ts'
export { openDatabase } from './database.ts'
export { makeFolder } from './folder.ts'
export { escapeHtml } from './html.ts'
export { crossOrigin, HttpProblem, httpApp, httpServer, parseRequest, problemHandlers } from './http.ts'
export { Counter, counter, createMetrics, Gauge, gauge, Histogram, type Metrics } from './metrics.ts'
export { type ModeSwitch, modeSwitch } from './mode.ts'
export { byOwner, isRefusedByFetch, listen, PortError, placeName, portOwner } from './ports.ts'
export {
  type App,
  type Context,
  createContext,
  Readiness,
  type RunningService,
  runService,
  startService,
} from './run.ts'
export { readPem, readText, TextError, withoutMark } from './text.ts'
