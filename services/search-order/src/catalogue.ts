import { isUtf8 } from 'node:buffer'
import { type Fault, readAs } from 'kafka-restaurants-config-file'
import { Catalogue, CatalogueEntry } from 'kafka-restaurants-contracts'
import { ConfigError, withoutMark } from 'kafka-restaurants-service'
import { z } from 'zod'
import { JsonPieces, type Piece } from './json-pieces.ts'
import { type CatalogueIndex, gatherCatalogue, indexOf } from './search/catalogue-index.ts'

/** A catalogue that can't be used. Its message has a line for each fault: line number, field, what is wrong. */
export class CatalogueError extends ConfigError {
  override name = 'CatalogueError'
}

/**
 * Reads a catalogue from the text of its file.
 * @throws CatalogueError that names line and field of every fault
 */
export function readCatalogue(text: string): Catalogue {
  const { data, faults } = readAs(Catalogue, text)
  if (data) return data
  throw inLines(faults)
}

/** More are not told. */
const mostFaults = 100

/** Such a catalogue without its restaurants: there is a 0 for each. */
const Head = z.object({
  currency: Catalogue.shape.currency,
  restaurants: z.array(z.custom(entry => entry === 0, 'must be a mapping of keys to values')).min(1),
})

/**
 * Reads a catalogue that is JSON restaurant by restaurant, which takes little more memory than what comes of it. Each
 * step reads some of the chunks.
 * @param chunks of the file's bytes; each may be overwritten when the next is asked for
 * @param bytes how many there will be
 * @throws CatalogueError that names line and field of the faults, up to a hundred
 */
export function* readByPieces(chunks: Iterable<Buffer>, bytes: number): Generator<void, CatalogueIndex> {
  const pieces = new JsonPieces('restaurants')
  const gathered = gatherCatalogue({ bytes })
  const faults: Fault[] = []
  let count = 0
  for (const chunk of chunks) {
    pieces.feed(chunk, piece => {
      if (faults.length < mostFaults) faults.push(...addPiece(gathered, piece, count))
      count++
    })
    yield
  }
  const rest = withoutMark(pieces.rest().toString())
  if (pieces.open !== undefined) {
    faults.push({ line: pieces.open, path: `restaurants[${count}]`, message: 'is not closed' })
    throw inLines(faults)
  }
  // It has no such list, and may be YAML.
  if (count === 0) return indexOf(readCatalogue(rest))
  const head = readAs(Head, rest)
  faults.push(...(head.faults ?? []))
  if (head.data && head.data.restaurants.length !== count) {
    faults.push({ line: 1, path: 'restaurants', message: 'must be one list, of mappings of keys to values' })
  }
  if (!head.data || faults.length > 0) throw inLines(faults.sort((a, b) => a.line - b.line))
  return gathered.index(head.data.currency)
}

/** @returns what is wrong with a restaurant, the one of this number */
function addPiece(
  gathered: ReturnType<typeof gatherCatalogue>,
  { bytes, line }: Piece,
  number: number,
): Fault[] {
  const path = `restaurants[${number}]`
  const fault = (message: string) => [{ line, path, message }]
  if (!isUtf8(bytes)) return fault('is no UTF-8: save the file as UTF-8')
  if (bytes.length > mostBytes) return fault('is very large: is one of its brackets not closed?')
  const text = bytes.toString()
  const { data, faults } = readAs(CatalogueEntry, text)
  if (faults) {
    return faults.map(fault => ({
      ...fault,
      line: line + fault.line - 1,
      path: [path, fault.path].filter(Boolean).join('.'),
    }))
  }
  const twice = gathered.add(data)
  if (!twice) return []
  const message = `"${data[twice.field]}" is used twice, also by restaurants[${twice.by}]`
  return [{ line, path: `${path}.${twice.field}`, message }]
}

/** A restaurant takes no more, and one that is not closed goes on to the end of the file. */
const mostBytes = 1024 * 1024

const inLines = (faults: readonly Fault[]) =>
  new CatalogueError(
    faults.map(({ line, path, message }) => `line ${line}: ${path ? `${path}: ` : ''}${message}`).join('\n'),
  )
