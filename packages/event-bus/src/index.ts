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
export { bridgeKeys } from './config/keys.ts'
export { type BridgeConfig, readBridgeConfig } from './config/read.ts'
export { busTopicOf, UnsendableEventError } from './names.ts'
export { topicPattern } from './pattern.ts'
export { SpoolFullError } from './spool.ts'
