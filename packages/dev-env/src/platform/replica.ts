import { type Child, spawnLogged } from '../child.ts'
import { freePort } from '../ports.ts'
import { waitUntil } from '../wait-until.ts'
import { localUrl, type ServiceName } from './parts.ts'
import type { Platform } from './platform.ts'

/** Another process of a service that a platform has one of. Nobody starts it again when it dies. */
export interface Replica extends Child {
  name: string
  port: number
}

/**
 * Starts a replica on free ports, which is ended with its platform. Resolves when it is ready, when it has died, or after
 * 15 s: while something that it needs is away nobody is ready.
 * @param name what its log is called
 */
export async function startReplica(platform: Platform, of: ServiceName, name: string): Promise<Replica> {
  const [port, metricsPort] = [await freePort(), await freePort()]
  const command = platform.command(of)
  const env = { ...command.env, PORT: String(port), METRICS_PORT: String(metricsPort) }
  const child = spawnLogged({ ...command, env }, platform.logFile(name))
  platform.watch(child)
  const isReady = () =>
    fetch(`${localUrl(port)}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitUntil(name, 15_000, async () => child.exit !== undefined || (await isReady())).catch(() => {})
  return Object.assign(child, { name, port })
}
