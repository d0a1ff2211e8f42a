import { PutOffError } from 'kafka-restaurants-delivery'
import type { InputRecord, OutputRecord } from './record.ts'

/**
 * What became of a record. `left` was not begun: it is not due, an earlier one of its key has to go first, or too many
 * failed.
 */
export type Handled =
  | { state: 'done'; outputs: OutputRecord[] }
  | { state: 'failed'; error: unknown }
  | { state: 'left' }

export interface KeyOrder {
  /** The most records in hand at once, without those that have released their place. */
  concurrency: number
  /** After as many failures nothing new is begun, and each keeps a place; records that put themselves off don't count. */
  mostFailures: number
  /** What has to be handled one by one; each record is a line of its own where there is none. */
  keyOf: (record: InputRecord) => string | undefined
  /** Whether a record may be tried now, asked as it begins; if not, the rest of its key waits with it. */
  isDue: (record: InputRecord) => boolean
  /** @param release lets another record have this one's place, though this one, and so its key, is not done yet */
  handle: (record: InputRecord, release: () => void) => Promise<OutputRecord[]>
}

/**
 * Handles records concurrently, those of one key one after another in their order; of those that may begin, the oldest
 * first. After a failure the rest of its key is left alone.
 * @returns what became of each record, in the order of `records`
 */
export async function handleInKeyOrder(
  records: InputRecord[],
  { concurrency, mostFailures, keyOf, isDue, handle }: KeyOrder,
): Promise<Handled[]> {
  const results = records.map((): Handled => ({ state: 'left' }))
  const lines = linesOf(records, keyOf)
  let [inPlace, failures] = [0, 0]

  /** Begins what may begin now. Resolves when that is done, and all that follows it. */
  const beginAll = async (): Promise<void> => {
    const begun: Promise<void>[] = []
    while (inPlace < concurrency && inPlace + failures < mostFailures) {
      const line = lines.shift()
      if (!line) break
      begun.push(handleFirst(line))
    }
    await Promise.all(begun)
  }

  const handleFirst = async ([index = 0, ...rest]: number[]) => {
    const record = records[index] as InputRecord
    if (!isDue(record)) return
    inPlace += 1
    let others: Promise<void> | undefined
    const release = () => {
      if (others) return
      inPlace -= 1
      others = beginAll()
    }
    try {
      results[index] = { state: 'done', outputs: await handle(record, release) }
      if (rest.length > 0) insert(rest, lines)
    } catch (error) {
      if (!(error instanceof PutOffError)) failures += 1
      results[index] = { state: 'failed', error }
    }
    release()
    await Promise.all([others, beginAll()])
  }

  await beginAll()
  return results
}

/** Puts a line to the others, which are in the order of their first indexes. */
function insert(line: number[], lines: number[][]): void {
  const later = lines.findIndex(([first = 0]) => first > (line[0] ?? 0))
  lines.splice(later < 0 ? lines.length : later, 0, line)
}

/** The indexes of each key's records, in the order of the first. */
function linesOf(records: InputRecord[], keyOf: KeyOrder['keyOf']): number[][] {
  const lines = new Map<string, number[]>()
  records.forEach((record, index) => {
    const key = keyOf(record)
    const name = key === undefined ? `offset ${record.offset}` : `key ${key}`
    const line = lines.get(name)
    if (line) line.push(index)
    else lines.set(name, [index])
  })
  return [...lines.values()]
}
