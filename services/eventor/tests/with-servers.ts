import { findTool } from 'kafka-restaurants-dev-env/tools/find'
import { describe, it } from 'vitest'

/** vitest's own for tests that start these servers: not run where one of them is not here, which `npm test` tells. */
export function withServers(...names: ('nats-server' | 'rabbitmq-server')[]) {
  const areHere = names.every(name => findTool(name))
  return areHere ? { describe, it } : { describe: describe.skip, it: it.skip }
}
