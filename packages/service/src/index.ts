export type { Logger } from 'pino'
export {
  allowedOrigins,
  ConfigError,
  crashEnv,
  httpPortEnv,
  httpUrlEnv,
  portEnv,
  readConfig,
  type ServiceConfig,
  serviceEnv,
} from './config.ts'
export { inTransaction, openDatabase } from './database.ts'
export { observeTraced } from './exemplars.ts'
export { makeFolder } from './folder.ts'
export { escapeHtml } from './html.ts'
export {
  closed,
  crossOrigin,
  endWith,
  type FieldError,
  HttpProblem,
  httpApp,
  httpServer,
  idempotencyKey,
  parseRequest,
  problemHandlers,
} from './http.ts'
export { type LiveUpdates, liveUpdates, preferredWait, type Update } from './live.ts'
export {
  Counter,
  counter,
  createMetrics,
  exposition,
  Gauge,
  gauge,
  Histogram,
  histogram,
  type Metrics,
  whenRead,
} from './metrics.ts'
export { type ModeSwitch, modeSwitch } from './mode.ts'
export { byOwner, isRefusedByFetch, listen, PortError, placeName, portOwner } from './ports.ts'
export { redactedText } from './redact.ts'
export { addRoutes, json, problem, type Route } from './routes.ts'
export {
  type App,
  type Context,
  createContext,
  Readiness,
  type RunningService,
  runService,
  startService,
} from './run.ts'
export { createSweep } from './sweep.ts'
export { readPem, readText, refuseUtf16, TextError, withoutMark } from './text.ts'
export {
  type Carrier,
  contextOf,
  currentTrace,
  forOrder,
  headersOf,
  inSpan,
  isLeftOut,
  isTracing,
  isUnderWay,
  momentSpan,
  SpanKind,
  startTracing,
  tracedListener,
  within,
  withTrace,
} from './tracing.ts'
