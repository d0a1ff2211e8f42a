import { readAs } from 'kafka-restaurants-config-file'
import { Catalogue } from 'kafka-restaurants-contracts'
import { ConfigError } from 'kafka-restaurants-service'

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
  const words = faults.map(({ line, path, message }) => `line ${line}: ${path ? `${path}: ` : ''}${message}`)
  throw new CatalogueError(words.join('\n'))
}
