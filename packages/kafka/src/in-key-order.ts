import { type InputRecord, type OutputRecord, PutOffError } from './record.ts'

/** What became of a record. `left` was not begun: an earlier one of its key has to go first, or too many failed. */
export type Handled =
  | { state: 'done'; outputs: OutputRecord[] }
  | { state: 'failed'; error: unknown }
  | { state: 'left' }

export interface KeyOrder {
  /** The most records in hand at once. */
  concurrency: number
  /** After as many failures nothing new is begun; records that put themselves off don't count. */
  mostFailures: number
  /** What has to be handled one by one; each record is a line of its own where there is none. */
  keyOf: (record: InputRecord) => string | undefined
  /** Whether a record may be tried now; if not, the rest of its key waits with it. */
  isDue: (record: InputRecord) => boolean
  handle: (record: InputRecord) => Promise<OutputRecord[]>
}

/**
 * Handles records concurrently, those of one key one after another in their order. After a failure the rest of its key
 * is left alone.
 * @returns what became of each record, in the order of `records`
 */
export async function handleInKeyOrder(
  records: InputRecord[],
  { concurrency, mostFailures, keyOf, isDue, handle }: KeyOrder,
): Promise<Handled[]> {
  const results = records.map((): Handled => ({ state: 'left' }))
  const lines = linesOf(records, keyOf)
  let failures = 0

  const handleLine = async (line: number[]) => {
    for (const index of line) {
      const record = records[index] as InputRecord
      if (failures >= mostFailures || !isDue(record)) return
      try {
        results[index] = { state: 'done', outputs: await handle(record) }
      } catch (error) {
        if (!(error instanceof PutOffError)) failures += 1
        results[index] = { state: 'failed', error }
        return
      }
    }
  }
  const takeLines = async () => {
    for (let line = lines.shift(); line; line = lines.shift()) await handleLine(line)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, lines.length) }, takeLines))
  return results
}

/** The indexes of each key's records. */
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
