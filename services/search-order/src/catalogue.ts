import { findNodeAtLocation, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
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
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true })
  if (errors.length > 0 || !tree) {
    throw new CatalogueError(
      errors
        .map(({ error, offset }) => `line ${lineAt(text, offset)}: ${printParseErrorCode(error)}`)
        .join('\n') || 'the file is empty',
    )
  }
  const result = Catalogue.safeParse(JSON.parse(text))
  if (result.success) return result.data
  throw new CatalogueError(
    result.error.issues
      .map(({ path, message }) => {
        const offset = nearestNode(path.map(part => (typeof part === 'number' ? part : String(part))))
        return `line ${lineAt(text, offset)}: ${path.join('.') || '(all)'}: ${message}`
      })
      .join('\n'),
  )

  /** A missing field has no place of its own: its parent's is the nearest. */
  function nearestNode(path: (string | number)[]): number {
    for (let length = path.length; length > 0; length--) {
      const node = tree && findNodeAtLocation(tree, path.slice(0, length))
      if (node) return node.offset
    }
    return 0
  }
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length
