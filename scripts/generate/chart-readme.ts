import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { markdownTable } from 'markdown-table'
import { isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'

const chart = (file: string) => resolve(root, 'helm', file)
const begin = '<!-- values: made by `npm run format` from the comments in values.yaml -->'
const end = '<!-- end of values -->'

export const chartReadme = chart('README.md')

interface Value {
  key: string
  /** The default as JSON; empty for a map that is only walked through. */
  fallback: string
  says: string
}

/**
 * Puts a table of every value of the chart, with its default and the comment above it, between the markers in the text.
 * @throws Error when the text has no markers
 */
export function withValues(text: string, yaml = readFileSync(chart('values.yaml'), 'utf8')): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`there is no "${begin}" and "${end}" in the text`)
  const rows = valuesOf(parseDocument(yaml).contents as YAMLMap).map(({ key, fallback, says }) => [
    `\`${key}\``,
    fallback && `\`${fallback}\``,
    says,
  ])
  return [
    text.slice(0, from) + begin,
    markdownTable([['value', 'default', ''], ...rows]),
    text.slice(to),
  ].join('\n\n')
}

/** Maps are walked through, but for those with nothing in them, and those written in one line: these are one value. */
function valuesOf(map: YAMLMap, prefix = ''): Value[] {
  return map.items.flatMap(pair => {
    const key = prefix + String(pair.key)
    const says = commentOf(pair, map)
    const { value } = pair
    if (!isMap(value) || value.items.length === 0 || ofOthers.has(String(pair.key)))
      return [{ key, fallback: JSON.stringify((value as Node).toJSON()), says }]
    const own = says === '' ? [] : [{ key, fallback: '', says }]
    return [...own, ...valuesOf(value, `${key}.`)]
  })
}

/** Maps whose keys are Kubernetes' words, not ours. */
const ofOthers = new Set(['labels', 'resources'])

/** The comment above a key. That of a map's first key stands before the whole map. */
function commentOf(pair: Pair, map: YAMLMap): string {
  const above = isScalar(pair.key) ? pair.key.commentBefore : undefined
  const comment = above ?? (map.items[0] === pair ? map.commentBefore : undefined) ?? ''
  return comment
    .split('\n')
    .map(line => line.trim())
    .join(' ')
    .trim()
    .replaceAll('|', '\\|')
}
