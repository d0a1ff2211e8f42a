import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { keyTables } from '../../services/eventor/src/config/keys.ts'

export const eventorReadme = resolve(root, 'services/eventor/README.md')

const begin = '<!-- keys: made by `npm run format` from src/config/schema.ts -->'
const end = '<!-- end of keys -->'

/**
 * Puts tables of every key of the YAML between the markers in the text.
 * @throws Error when the text has no markers
 */
export function withKeys(text: string): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`there is no "${begin}" and "${end}" in the text`)
  return [text.slice(0, from) + begin, keyTables(), text.slice(to)].join('\n\n')
}
