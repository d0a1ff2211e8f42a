import { type ReloadedFile, reloadedFile } from 'kafka-restaurants-config-file'
import type { Catalogue } from 'kafka-restaurants-contracts'
import { type Logger, readText } from 'kafka-restaurants-service'
import { CatalogueError, readCatalogue } from '../catalogue.ts'

/**
 * The catalogue from a file. A faulty file at the start is an error; a later one keeps the old data and is logged.
 * @throws CatalogueError that names the file, and line and field of each fault
 */
export const catalogueFile = (path: string, log: Logger, { everyMs = 1_000 } = {}): ReloadedFile<Catalogue> =>
  reloadedFile(path, load, {
    everyMs,
    onReload: result => {
      if ('content' in result)
        log.info({ path, restaurants: result.content.restaurants.length }, 'catalogue reloaded')
      else log.error({ err: result.error }, 'the changed catalogue can not be used: the old one stays')
    },
  })

function load(path: string): Catalogue {
  try {
    return readCatalogue(readText(path))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CatalogueError(`The catalogue ${path} can't be used:\n${why}`, { cause })
  }
}
