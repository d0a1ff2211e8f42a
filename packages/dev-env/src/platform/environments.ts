import { kafkaConnection } from 'kafka-restaurants-kafka'
import { ConfigError, readConfig, type ServiceConfig } from 'kafka-restaurants-service'
import { UsageError } from 'kafka-restaurants-service/command'
import type { z } from 'zod'
import { Config as bank } from '../../../../services/bank/src/config.ts'
import { Config as email } from '../../../../services/email/src/config.ts'
import { Config as inbox } from '../../../../services/inbox/src/config.ts'
import { Config as searchOrder } from '../../../../services/search-order/src/config.ts'
import { Config as transaction } from '../../../../services/transaction/src/config.ts'
import { isOwnAddress } from '../ports.ts'
import { type ServiceName, type Surroundings, serviceCommand } from './services.ts'
import { silent } from './topics.ts'

const configs: Record<ServiceName, z.ZodType<ServiceConfig>> = {
  bank,
  inbox,
  'search-order': searchOrder,
  transaction,
  email,
}

/**
 * Reads every environment as the services will: a wrong one is told before anything starts.
 * @throws UsageError with a line for each fault
 */
export async function checkEnvironments(around: Surroundings, host: string): Promise<void> {
  const started = Object.entries(configs).filter(([name]) => name !== 'inbox' || around.inboxUrl)
  const faults = started.flatMap(([name, config]) =>
    faultsOf(config, serviceCommand(name as ServiceName, around).env ?? {}),
  )
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
