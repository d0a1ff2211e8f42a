import { unwatchFile, watchFile } from 'node:fs'
import type { Catalogue } from 'kafka-restaurants-contracts'
import { type Logger, readText } from 'kafka-restaurants-service'
import { CatalogueError, readCatalogue } from '../catalogue.ts'

export interface CatalogueFile {
  current: () => Catalogue
  /** Looks for changes by polling: a ConfigMap volume swaps a symlink, which file events miss. */
  watch: () => void
  close: () => void
}

/**
 * The catalogue from a file. A faulty file at the start is an error; a later one keeps the old data and is logged.
 * @throws CatalogueError that names the file, and line and field of each fault
 */
export function catalogueFile(path: string, log: Logger, { everyMs = 1_000 } = {}): CatalogueFile {
  let catalogue = load(path)
  return {
    current: () => catalogue,
    watch: () => {
      watchFile(path, { interval: everyMs }, () => {
        try {
          catalogue = load(path)
          log.info({ path, restaurants: catalogue.restaurants.length }, 'catalogue reloaded')
        } catch (err) {
          log.error({ err }, 'the changed catalogue can not be used: the old one stays')
        }
      })
    },
    close: () => unwatchFile(path),
  }
}

function load(path: string): Catalogue {
  try {
    return readCatalogue(readText(path))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CatalogueError(`The catalogue ${path} can't be used:\n${why}`, { cause })
  }
}
