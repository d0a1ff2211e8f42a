import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { honoured, refused, withoutEffect } from 'kafka-restaurants-kafka/properties'
import { z } from 'zod'
import { Pipeline } from '../../services/eventor/src/config/schema.ts'
import { code, table, tables, withTables } from './keys.ts'

export const eventorReadme = resolve(root, 'services/eventor/README.md')

/**
 * Puts tables of every key of the YAML between the markers in the text.
 * @throws Error when the text has no markers
 */
export const withKeys = (text: string): string =>
  withTables(text, 'src/config/schema.ts and src/adapters/*/schema.ts', keyTables())

/** Every key of the YAML and every property of librdkafka, as tables in Markdown. */
const keyTables = (): string[] => [
  ...tables('A pipeline', Pipeline),
  ...tables('`consumerConfig` and `producerConfig`', z.object(honoured.connection)),
  ...tables('`consumerConfig`', z.object(honoured.consumer)),
  ...tables('`producerConfig`', z.object(honoured.producer)),
  '### Properties of librdkafka without effect',
  'They steer its own machinery, log and statistics. They may stay in the file.',
  code(Object.values(withoutEffect).flat().sort()),
  '### Properties of librdkafka that are refused',
  table(
    ['property', 'why'],
    refused.map(({ names, why }) => [code(names), why]),
  ),
]
