import type { InputRecord, OutputRecord } from './record.ts'

/** What became of a record: its outputs, or why it has to be tried again. */
export type Handled = { done: true; outputs: OutputRecord[] } | { done: false; error: unknown }

/**
 * Handles records concurrently, at most `limit` at once, those of one key one after another in their order.
 * After a failure the rest of its key is left alone; after `limit` failures nothing new is begun, as the cause is
 * then hardly the record's.
 *
 * @param known what earlier tries have done already, by offset; read, and added to
 * @returns what became of each record, in the order of `records`
 */
export async function handleInKeyOrder(
  records: InputRecord[],
  limit: number,
  handle: (record: InputRecord) => Promise<OutputRecord[]>,
  known: Map<string, OutputRecord[]>,
): Promise<Handled[]> {
  const results = records.map(
    (): Handled => ({ done: false, error: new Error('an earlier record has to go first') }),
  )
  const lines = byKey(records)
  let failures = 0

  const handleLine = async (line: number[]) => {
    for (const index of line) {
      const record = records[index] as InputRecord
      if (failures >= limit) return
      try {
        const outputs = known.get(record.offset) ?? (await handle(record))
        known.set(record.offset, outputs)
        results[index] = { done: true, outputs }
      } catch (error) {
        failures += 1
        results[index] = { done: false, error }
        return
      }
    }
  }
  const takeLines = async () => {
    for (let line = lines.shift(); line; line = lines.shift()) await handleLine(line)
  }
  await Promise.all(Array.from({ length: Math.min(limit, lines.length) }, takeLines))
  return results
}

/** The indexes of each key's records; records without a key have no order among them. */
function byKey(records: InputRecord[]): number[][] {
  const lines = new Map<string, number[]>()
  records.forEach(({ key, offset }, index) => {
    const name = key ? `key ${key.toString('latin1')}` : `offset ${offset}`
    const line = lines.get(name)
    if (line) line.push(index)
    else lines.set(name, [index])
  })
  return [...lines.values()]
}
