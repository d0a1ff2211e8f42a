export { adminRoutes } from './admin-routes.ts'
export {
  type Bridge,
  type BridgeOptions,
  type BridgeStatus,
  directions,
  kafkaBridge,
  UnknownPatternError,
  type Which,
} from './bridge.ts'
export { type BusEvent, type EventBus, eventBus, type Handler } from './bus.ts'
export { type BridgeConfig, bridgeKeys, readBridgeConfig } from './config.ts'
export { UnsendableEventError } from './names.ts'
export { topicPattern } from './pattern.ts'
export { SpoolFullError } from './spool.ts'
