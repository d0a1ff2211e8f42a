import { type Fault, readAs } from 'kafka-restaurants-config-file'
import { Gateway } from './schema.ts'

/**
 * Reads the text of a gateway's YAML file, with `${NAME}` replaced from the environment.
 * @returns what it says with all defaults, or everything that is wrong, in the order of the lines
 */
export const parseGateway = (
  text: string,
  env: NodeJS.ProcessEnv,
): { data: Gateway; faults?: never } | { faults: Fault[]; data?: never } =>
  readAs(Gateway, text, { env, hint: 'begin with "routes:"' })
