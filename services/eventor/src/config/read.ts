import { readText } from 'kafka-restaurants-service'
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml'
import { brokersOf } from '../adapters/kafka/properties.ts'
import { Pipeline } from './schema.ts'
import { inWords } from './words.ts'

/** What is wrong in the file. Says no value, as these may be secret. */
export interface Fault {
  /** From 1. */
  line: number
  /** Where in its pipeline: `eventHandler.headers.X-Id`; empty for the whole. */
  path: string
  message: string
}

export type Reading = { pipelines: Pipeline[]; faults?: never } | { faults: Fault[]; pipelines?: never }

/**
 * Reads the pipelines of a YAML file, with `${NAME}` replaced from the environment.
 * @returns the pipelines with all defaults, or everything that is wrong, in the order of the lines
 * @throws Error when the file can't be read
 */
export function readPipelines(file: string, env: NodeJS.ProcessEnv): Reading {
  return parsePipelines(readText(file), env)
}

/** The same for the text of such a file. */
export function parsePipelines(text: string, env: NodeJS.ProcessEnv): Reading {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const whole = (message: string, offset = 0): Reading => ({
    faults: [{ line: lineAt(offset), path: '', message }],
  })

  const [document, second] = 'empty' in documents ? [] : documents
  const broken = (document ? [document, second] : []).flatMap(each => each?.errors ?? [])
  if (broken.length > 0) {
    const sourceLines = text.split('\n')
    const byLine = new Map(
      broken.map(({ code, pos }) => [lineAt(pos[0]), code] as const).reverse(), // the first of each line
    )
    const faults = [...byLine].map(([line, code]) => ({
      line,
      path: '',
      message: syntax(code, sourceLines[line - 1] ?? ''),
    }))
    return { faults: inOrder(faults) }
  }
  if (second) return whole('only one document is read: remove the --- and what follows', second.range[0])
  if (!document?.contents) return whole('the file is empty: begin with "- name:"')
  if (!isSeq(document.contents))
    return whole('must be a list of pipelines: begin with "- name:"', document.contents.range?.[0])
  if (document.contents.items.length === 0) return whole('the list has no pipeline')

  const lost = aliases(document).find(alias => !alias.resolve(document))
  if (lost) return whole('refers to an anchor (&name) that is not there', lost.range?.[0])

  const at = (path: PropertyKey[]) => lineAt(offsetOf(document, path))
  const faultAt = (path: PropertyKey[], message: string): Fault => ({
    line: at(path),
    path: textOf(path),
    message,
  })
  const missing = substitute(document, env).map(({ path, message }) => faultAt(path, message))
  const read = check(document, faultAt)
  // What is not there can't be judged.
  const unknown = new Set(missing.map(placeOf))
  const faults = [...missing, ...read.faults.filter(fault => !unknown.has(placeOf(fault)))]
  return faults.length > 0 ? { faults: inOrder(faults) } : { pipelines: read.pipelines }
}

const placeOf = ({ line, path }: Fault) => `${line} ${path}`
const inOrder = (faults: Fault[]) => faults.sort((a, b) => a.line - b.line)

/** Checks each pipeline by itself, so that one's faults hide none of another. */
function check(document: Document, faultAt: (path: PropertyKey[], message: string) => Fault) {
  const faults: Fault[] = []
  const pipelines: Pipeline[] = []
  const names = new Set<string>()
  const values: unknown[] = document.toJS()
  for (const [index, value] of values.entries()) {
    const { success, data, error } = Pipeline.safeParse(value, { error: inWords })
    if (success && pipelines.some(other => sharesGroup(other, data)))
      faults.push(faultAt([index, 'eventListener', 'consumerConfig', 'group.id'], sharedGroup))
    if (success) pipelines.push(data)
    else faults.push(...toldOf(error.issues).map(({ path, message }) => faultAt([index, ...path], message)))

    const name = success ? data.name : Object(value).name
    if (names.has(name)) faults.push(faultAt([index, 'name'], 'another pipeline has this name'))
    if (typeof name === 'string') names.add(name)
  }
  return { pipelines, faults }
}

/** kafkajs deals the topics of whoever leads a group out to all its members, who drop what they do not read. */
const sharedGroup = 'another pipeline reads another topic in this group: each needs a group of its own'

function sharesGroup({ eventListener: one }: Pipeline, { eventListener: other }: Pipeline): boolean {
  if (one.type !== 'kafka' || other.type !== 'kafka' || one.topic === other.topic) return false
  const [mine, theirs] = [one.consumerConfig, other.consumerConfig]
  return mine['group.id'] === theirs['group.id'] && brokersOf(mine) === brokersOf(theirs)
}

interface Told {
  path: PropertyKey[]
  message: string
}

/** One for each key that is too much, and for what is wrong within a key. */
const toldOf = (issues: readonly Issue[]): Told[] =>
  issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n')
      return issue.keys.map((key, i) => ({ path: [...issue.path, key], message: messages[i] ?? '' }))
    }
    if (issue.code === 'invalid_key')
      return issue.issues.map(({ message }) => ({ path: issue.path, message }))
    return [{ path: issue.path, message: issue.message }]
  })
type Issue = NonNullable<ReturnType<typeof Pipeline.safeParse>['error']>['issues'][number]

function aliases(document: Document): Alias[] {
  const found: Alias[] = []
  visit(document, { Alias: (_, alias) => void found.push(alias) })
  return found
}

/** Replaces `${NAME}` in all values; `$${` stands for `${`. @returns what the environment lacks */
function substitute(document: Document, env: NodeJS.ProcessEnv): Told[] {
  const faults: Told[] = []
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replace(/(\$?)\$\{([^}]*)\}/g, (all, escaped: string, name: string) => {
        if (escaped) return all.slice(1)
        const value = env[name]
        if (value !== undefined) return value
        const message = /^\w+$/.test(name)
          ? `the environment has no ${name}`
          : 'between the braces must be the name of an environment variable; two dollar signs stand for one'
        faults.push({ path: pathOf([...ancestors, node]), message })
        return all
      })
    },
  })
  return faults
}

/** The path of the last of these nodes, each of which is in the one before. */
const pathOf = (nodes: readonly (Document | Node | Pair)[]): PropertyKey[] =>
  nodes.flatMap((node, i): PropertyKey[] => {
    const parent = nodes[i - 1]
    if (isSeq(parent)) return [parent.items.indexOf(node)]
    return isMap(parent) ? [keyOf(node as Pair)] : []
  })

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key)

/** Where a path begins in the file: at its key, or at what holds it when it is not there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isSeq(node)) {
      node = node.items[Number(step)]
      offset = (node as Node | undefined)?.range?.[0] ?? offset
    } else if (isMap(node)) {
      const pair = node.items.find(each => keyOf(each) === step)
      if (!pair) return offset
      offset = (pair.key as Scalar).range?.[0] ?? offset
      node = pair.value
    }
  }
  return offset
}

/** Without the list's index: the line says which pipeline it is. */
const textOf = ([, ...path]: readonly PropertyKey[]): string =>
  path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${String(step)}`))
    .join('')

/** The parser's own words may quote the file. */
function syntax(code: YAMLError['code'], line: string): string {
  const inFlow = /[{[,].*[^"']\$\{/.test(line) ? ' (a variable between { } or [ ] must be in quotes)' : ''
  return (syntaxFaults[code] ?? 'is no YAML') + inFlow
}

const syntaxFaults: Partial<Record<YAMLError['code'], string>> = {
  BAD_DQ_ESCAPE:
    'a backslash in double quotes begins an escape that YAML does not know: double it, or use single quotes',
  BAD_INDENT: 'is indented wrongly, or a bracket is not closed',
  BAD_SCALAR_START: 'a value that begins with this sign must be put in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'has a second ": " in one line: put the value in quotes',
  DUPLICATE_KEY: 'this key is there twice',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing after the key',
  TAB_AS_INDENT: 'is indented by a tab: use blanks',
  UNEXPECTED_TOKEN: 'has something here that does not belong here',
}
