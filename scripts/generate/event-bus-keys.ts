import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { bridgeKeys } from 'kafka-restaurants-event-bus'
import { z } from 'zod'
import { code, table, tables, withTables } from './keys.ts'

export const eventBusReadme = resolve(root, 'services/event-bus/README.md')

/**
 * Puts tables of every key of the YAML between the markers in the text.
 * @throws Error when the text has no markers
 */
export const withBusKeys = (text: string): string =>
  withTables(text, 'packages/event-bus/src/config/keys.ts', [
    ...tables('`kafka_events`', z.object(bridgeKeys.general)),
    ...tables('`consumer-config`', z.object(bridgeKeys.consumer)),
    ...tables('`producer-config`', z.object(bridgeKeys.producer)),
    '### Keys of the plugin that are refused',
    table(
      ['key', 'why'],
      Object.entries(bridgeKeys.refused).map(([key, why]) => [code([key]), why]),
    ),
  ])
