import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { ApiKey, Gateway, Route } from '../../services/gateway/src/config/schema.ts'
import { tables, withTables } from './keys.ts'

export const gatewayReadme = resolve(root, 'services/gateway/README.md')

/**
 * Puts tables of every key of the YAML between the markers in the text.
 * @throws Error when the text has no markers
 */
export const withGatewayKeys = (text: string): string =>
  withTables(text, 'src/config/schema.ts', [
    ...tables('The file', Gateway),
    ...tables('A route, of `routes`', Route),
    ...tables('An API key, of `apiKeys`', ApiKey),
  ])
