import type { Config } from './config.ts'
import { readActionable, readEvent, readRequest } from './read-command.ts'
import { type Reader, readConfirmed, readDeclined, readOrder } from './read-record.ts'

/** What is read, and how, by topic. */
export const inputs = (config: Config): Record<string, Reader> => ({
  [config.ORDER_TOPIC]: readOrder,
  [config.CONFIRM_TOPIC]: readConfirmed,
  [config.DECLINED_TOPIC]: readDeclined,
  ...(config.REQUESTS_TOPIC && { [config.REQUESTS_TOPIC]: readRequest }),
  ...(config.ACTIONABLE_TOPIC && { [config.ACTIONABLE_TOPIC]: readActionable }),
  ...(config.EVENTS_TOPIC && { [config.EVENTS_TOPIC]: readEvent }),
})
