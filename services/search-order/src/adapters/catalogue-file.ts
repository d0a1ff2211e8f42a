import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ReloadedFile, reloadedFile } from 'kafka-restaurants-config-file'
import { type Logger, readText, refuseUtf16 } from 'kafka-restaurants-service'
import { type Answers, answersFrom } from '../answers.ts'
import { CatalogueError, readByPieces, readCatalogue } from '../catalogue.ts'
import { type CatalogueIndex, indexOf } from '../search/catalogue-index.ts'

/**
 * The catalogue from a file, ready to be searched. A faulty file at the start is an error; a later one keeps the old data
 * and is logged. A large one is read again in small steps, while requests go on.
 * @throws CatalogueError that names the file, and line and field of each fault
 */
export function catalogueFile(path: string, log: Logger, { everyMs = 1_000 } = {}): ReloadedFile<Answers> {
  const file = reloadedFile(path, load, {
    everyMs,
    readAgain: loadBesides,
    onReload: result => {
      giveBack(path)
      if ('content' in result)
        log.info({ path, restaurants: result.content.index.size }, 'catalogue reloaded')
      else log.error({ err: result.error }, 'the changed catalogue can not be used: the old one stays')
    },
  })
  giveBack(path)
  return file
}

/** What was needed to read a large file alone. V8 would keep it, as it never runs short of it again. */
function giveBack(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= smallBytes) return
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

function load(path: string): Answers {
  const loading = steps(path)
  for (;;) {
    const { done, value } = loading.next()
    if (done) return value
  }
}

async function loadBesides(path: string): Promise<Answers> {
  const loading = steps(path)
  for (;;) {
    const { done, value } = loading.next()
    if (done) return value
    await setImmediate()
  }
}

/** Up to here a file is read at once: it may be YAML then, too, and all that is wrong in it is told. */
const smallBytes = 1024 * 1024
const chunkBytes = 128 * 1024

function* steps(path: string): Generator<void, Answers> {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    return answersFrom(yield* index(path, file, fstatSync(file).size))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CatalogueError(`The catalogue ${path} can't be used:\n${why}`, { cause })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function* index(path: string, file: number, bytes: number): Generator<void, CatalogueIndex> {
  if (bytes <= smallBytes) return indexOf(readCatalogue(readText(path)))
  return yield* readByPieces(chunksOf(file), bytes)
}

function* chunksOf(file: number): Generator<Buffer> {
  const chunk = Buffer.alloc(chunkBytes)
  for (let at = 0; ; ) {
    const read = readSync(file, chunk, 0, chunkBytes, at)
    if (read === 0) return
    if (at === 0) refuseUtf16(chunk)
    at += read
    yield chunk.subarray(0, read)
  }
}
