import { markdownTable } from 'markdown-table'
import { z } from 'zod'

/**
 * Puts tables between the markers in a text: a comment that begins with `keys: made by`, and `end of keys`.
 * @throws Error when the text has no such markers
 */
export function withTables(text: string, from: string, tables: readonly string[]): string {
  const begin = `<!-- keys: made by \`npm run format\` from ${from} -->`
  const end = '<!-- end of keys -->'
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)]
  if (start < 0 || stop < start) throw new Error(`there is no "${begin}" and "${end}" in the text`)
  return [text.slice(0, start) + begin, ...tables, text.slice(stop)].join('\n\n')
}

/** One table for a mapping, and one for each further mapping in it that a `type` chooses. */
export function tables(title: string, mapping: z.ZodType): string[] {
  const rows: string[][] = []
  const further: string[] = []
  const add = (mapping: z.ZodType, prefix: string) => {
    for (const [key, field] of Object.entries(shapeOf(mapping))) {
      const { core, description, fallback } = peeled(field)
      const name = prefix + key
      if (core instanceof z.ZodObject && !('bootstrap.servers' in core.shape)) {
        add(core, `${name}.`)
        continue
      }
      rows.push([code([name]), kindOf(core), fallback, description])
      for (const variant of variantsOf(core))
        further.push(...tables(`${code([name])}, ${code([`type: ${typeOf(variant)}`])}`, variant))
    }
  }
  add(mapping, '')
  return [`### ${title}`, table(['key', 'value', 'default', ''], rows), ...further]
}

const variantsOf = (core: z.ZodType): z.ZodType[] =>
  core instanceof z.ZodDiscriminatedUnion ? (core.options as z.ZodType[]) : []

const typeOf = (variant: z.ZodType) => {
  const { type } = shapeOf(variant)
  return type instanceof z.ZodLiteral ? type.value : ''
}

const shapeOf = (mapping: z.ZodType): Record<string, z.ZodType> => {
  const { core } = peeled(mapping)
  return core instanceof z.ZodObject ? core.shape : {}
}

/** What is in it below defaults, transforms and the like, and what these say. */
function peeled(schema: z.ZodType): { core: z.ZodType; description: string; fallback: string } {
  let core = schema
  let description: string | undefined
  let fallback: string | undefined
  for (;;) {
    const { description: said, default: meant } = core.meta() ?? {}
    description ??= said
    if (meant !== undefined) fallback ??= shown(meant)
    if (core instanceof z.ZodPipe)
      core = (core.in instanceof z.ZodTransform ? core.out : core.in) as z.ZodType
    else if (core instanceof z.ZodDefault || core instanceof z.ZodPrefault) {
      fallback ??= shown(core.def.defaultValue)
      core = core.unwrap() as z.ZodType
    } else if (core instanceof z.ZodOptional) {
      fallback ??= ''
      core = core.unwrap() as z.ZodType
    } else break
  }
  return {
    core: core as z.ZodType,
    description: description ?? '',
    fallback: fallback ?? '**must be given**',
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return code([`[${value.join(', ')}]`])
  return code([typeof value === 'object' ? JSON.stringify(value) : value === '' ? '""' : String(value)])
}

function kindOf(core: z.ZodType): string {
  if (core instanceof z.ZodLiteral) return code([String(core.value)])
  if (core instanceof z.ZodEnum) return code(core.options)
  if (core instanceof z.ZodArray) return `list of ${kindOf(peeled(core.element as z.ZodType).core)}`
  if (core instanceof z.ZodDiscriminatedUnion) return 'see below'
  if (core instanceof z.ZodUnion) return kindOf(core.options[0] as z.ZodType)
  if (core instanceof z.ZodRecord) return 'names and texts'
  if (core instanceof z.ZodObject) return 'see below'
  return kinds[core.type] ?? core.type
}

const kinds: Partial<Record<z.ZodType['type'], string>> = {
  string: 'text',
  number: 'whole number',
  boolean: '`true`, `false`',
  unknown: 'mapping',
}

export const code = (words: readonly unknown[]) => words.map(each => `\`${each}\``).join(', ')

export const table = (head: string[], rows: string[][]): string =>
  markdownTable([head, ...rows.map(row => row.map(cell => cell.replaceAll('|', '\\|')))])
