import { describe, it } from 'vitest'
import { findTool } from '../tools/find.ts'

/** vitest's own for tests that start these servers: not run where one of them is not here, which `npm test` tells. */
export function withServers(
  ...names: ('nats-server' | 'rabbitmq-server' | 'postgres' | 'victoria-metrics')[]
) {
  const areHere = names.every(name => findTool(name))
  return areHere ? { describe, it } : { describe: describe.skip, it: it.skip }
}
