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

/** What is wrong in a file. Says no value, as these may be secret. */
export interface Fault {
  /** From 1. */
  line: number
  /** Where, such as `restaurants[1].menu`; empty for the whole. */
  path: string
  message: string
}

/** What a file holds, and where in it. */
export interface Parsed {
  value: unknown
  /** What the environment lacks: what should stand there can't be judged. */
  missing: Fault[]
  /** @param within how many steps of the path the line says already */
  faultAt: (path: readonly PropertyKey[], message: string, within?: number) => Fault
}

/**
 * Parses YAML 1.2, and so JSON too.
 * @param env from where `${NAME}` is replaced in all values; unless given, nothing is
 * @param within as of `faultAt`
 * @param hint how such a file begins, for one that is empty
 * @returns what it holds, or everything that keeps it from being read, in the order of the lines
 */
export function parseFile(
  text: string,
  { env, within = 0, hint }: { env?: NodeJS.ProcessEnv; within?: number; hint?: string } = {},
): Parsed | { faults: Fault[] } {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const whole = (message: string, offset = 0) => ({ faults: [{ line: lineAt(offset), path: '', message }] })

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
  if (!document?.contents) return whole(['the file is empty', hint].filter(Boolean).join(': '))
  const lost = aliases(document).find(alias => !alias.resolve(document))
  if (lost) return whole('refers to an anchor (&name) that is not there', lost.range?.[0])

  const faultAt: Parsed['faultAt'] = (path, message, steps = within) => ({
    line: lineAt(offsetOf(document, path)),
    path: textOf(path.slice(steps)),
    message,
  })
  const missing = env ? substitute(document, env).map(({ path, message }) => faultAt(path, message)) : []
  return { value: document.toJS(), missing, faultAt }
}

/** All faults once, in the order of the lines; of what is missing nothing else is said. */
export function allFaults(missing: Fault[], others: Fault[]): Fault[] {
  const unknown = new Set(missing.map(placeOf))
  return inOrder([...missing, ...others.filter(fault => !unknown.has(placeOf(fault)))])
}

const placeOf = ({ line, path }: Fault) => `${line} ${path}`
const inOrder = (faults: Fault[]) => faults.sort((a, b) => a.line - b.line)

function aliases(document: Document): Alias[] {
  const found: Alias[] = []
  visit(document, { Alias: (_, alias) => void found.push(alias) })
  return found
}

/** Replaces `${NAME}` in all values; `$${` stands for `${`. @returns what the environment lacks */
function substitute(document: Document, env: NodeJS.ProcessEnv) {
  const faults: { path: PropertyKey[]; message: string }[] = []
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
  let offset = document.contents?.range?.[0] ?? 0
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

const textOf = (path: readonly PropertyKey[]): string =>
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
