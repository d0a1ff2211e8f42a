import { statSync } from 'node:fs'
import { readText } from 'kafka-restaurants-service'

/**
 * A file's text, without the newline at its end. It is read again when the file's mtime has changed: secrets are
 * rotated in place. The function throws when there is no such file.
 */
export function watchedFile(path: string, read: (path: string) => string = readText): () => string {
  let seenMs: number | undefined
  let text = ''
  return () => {
    const { mtimeMs } = statSync(path)
    if (mtimeMs !== seenMs) {
      text = read(path).replace(/\r?\n$/, '')
      seenMs = mtimeMs
    }
    return text
  }
}
