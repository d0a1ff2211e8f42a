export type { Logger } from 'pino'
export { ConfigError, readConfig, type ServiceConfig, serviceEnv } from './config.ts'
export { HttpProblem, httpApp, parseRequest, problemHandlers } from './http.ts'
export { Counter, createMetrics, Gauge, Histogram, type Metrics } from './metrics.ts'
export {
  type App,
  type Context,
  createContext,
  type RunningService,
  runService,
  startService,
} from './run.ts'
