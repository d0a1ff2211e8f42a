import { pathToFileURL } from 'node:url'
import { kafkaConnection } from 'kafka-restaurants-kafka'
import { ConfigError, readConfig, type ServiceConfig } from 'kafka-restaurants-service'
import { UsageError } from 'kafka-restaurants-service/command'
import type { z } from 'zod'
import { isOwnAddress } from '../ports.ts'
import type { Parts, Surroundings } from './parts.ts'
import { serviceCommand, sourceOf } from './services.ts'
import { silent } from './topics.ts'

/**
 * Reads every environment as the services will: a wrong one is told before anything starts.
 * @throws UsageError with a line for each fault
 */
export async function checkEnvironments(parts: Parts, around: Surroundings, host: string): Promise<void> {
  const checked = Object.entries(parts).map(async ([name, part]) => {
    const { Config } = await import(pathToFileURL(sourceOf(name, part, 'config.ts')).href)
    return faultsOf(Config, serviceCommand(name, part, around).env ?? {})
  })
  const faults = (await Promise.all(checked)).flat()
  if (!(await isOwnAddress(host))) faults.push(`HOST: ${host} is no address of this machine`)
  if (faults.length === 0) return
  const lines = [...new Set(faults)].map(fault => `  ${fault}`)
  throw new UsageError(`The environment can't be used, so nothing was started:\n${lines.join('\n')}`)
}

function faultsOf(config: z.ZodType<ServiceConfig>, env: NodeJS.ProcessEnv): string[] {
  try {
    const read = readConfig(config, env)
    if ('BOOTSTRAP_SVR' in read) kafkaConnection(read as never, 'start', silent)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}
