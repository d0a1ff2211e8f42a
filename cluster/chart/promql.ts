import { parser } from '@prometheus-io/lezer-promql'

/** A metric that a query reads, with the labels that it asks for, groups by or joins by. */
export interface Used {
  metric: string
  labels: string[]
}

type Node = ReturnType<typeof parser.parse>['topNode']

/**
 * What a query in PromQL reads.
 * @throws Error where it can't be read, or asks for a label that an aggregation inside of it has not kept
 */
export function usedIn(query: string): Used[] {
  const used: Used[] = []
  const read = (node: Node, asked: string[]): void => {
    if (node.type.isError) throw new Error(`not PromQL at "${query.slice(node.from)}": ${query}`)
    if (node.name === 'VectorSelector') {
      const metric = wordsOf(query, node, 'Identifier')[0]
      if (metric === undefined) throw new Error(`without the name of a metric: ${query}`)
      const labels = [...wordsOf(query, node.getChild('LabelMatchers'), 'LabelName'), ...asked]
      used.push({ metric, labels: [...new Set(labels)].toSorted() })
    }
    const kept = keptBy(query, node)
    const lost = asked.find(label => kept && !kept.includes(label))
    if (lost) throw new Error(`"${lost}" is not kept by "${query.slice(node.from, node.to)}": ${query}`)
    const joined = wordsOf(query, node.getChild('MatchingModifierClause'), 'LabelName')
    for (const child of childrenOf(node)) read(child, kept ?? [...asked, ...joined])
  }
  read(treeOf(query), [])
  return used
}

/** The labels that all series of a query's result have for sure; undefined where those are whatever a metric has. */
export function resultLabels(query: string): string[] | undefined {
  const read = (node: Node): string[][] => {
    const kept = keptBy(query, node)
    if (kept) return [kept]
    const onlyChooses = node.getChild('And') ?? node.getChild('Unless')
    const [first, ...others] = childrenOf(node)
    return [first, ...(onlyChooses ? [] : others)].flatMap(child => (child ? read(child) : []))
  }
  const [first, ...others] = read(treeOf(query))
  return first?.filter(label => others.every(each => each.includes(label)))
}

const treeOf = (query: string) => parser.parse(query).topNode

function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child)
  return children
}

/** The words in the query of all nodes of a name within another. */
function wordsOf(query: string, within: Node | null, name: string): string[] {
  const words: string[] = []
  within?.cursor().iterate(node => void (node.name === name && words.push(query.slice(node.from, node.to))))
  return words
}

/** The labels that an aggregation keeps; undefined for all else, and for topk and bottomk, which take whole series. */
function keptBy(query: string, node: Node): string[] | undefined {
  if (node.name === 'FunctionCall' && /^absent/.test(query.slice(node.from, node.to))) return []
  if (node.name !== 'AggregateExpr') return undefined
  const modifier = node.getChild('AggregateModifier')
  const isWhole = /^(topk|bottomk)$/i.test(wordsOf(query, node, 'AggregateOp')[0] ?? '')
  if (isWhole || modifier?.getChild('Without')) return undefined
  return wordsOf(query, modifier, 'LabelName')
}
