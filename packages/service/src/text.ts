import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'

/** A file that is no text as everything here reads it. Its message is to be put behind the file's name. */
export class TextError extends Error {
  override name = 'TextError'
}

/**
 * The text of a file that people write: UTF-8, with or without the byte order mark that some editors put before it.
 * @throws TextError that names the line of what is no UTF-8, and Node's own error when the file can't be read
 */
export function readText(path: string): string {
  const bytes = readFileSync(path)
  refuseUtf16(bytes)
  if (isUtf8(bytes)) return withoutMark(bytes.toString())
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex(each => !isUtf8(Buffer.from(each, 'latin1'))) + 1
  throw new TextError(`line ${line} is no UTF-8: save the file as UTF-8`)
}

/**
 * The bytes of a PEM file without a byte order mark, which OpenSSL does not understand. What is written beside the
 * certificates may be in any encoding.
 * @throws TextError for UTF-16, and Node's own error when the file can't be read
 */
export function readPem(path: string): Buffer {
  const bytes = readFileSync(path)
  refuseUtf16(bytes)
  return bytes.subarray(0, 3).equals(mark) ? bytes.subarray(3) : bytes
}

const mark = Buffer.from('\uFEFF')

/** Text without a byte order mark. JSON that begins with one is the same JSON (RFC 8259, 8.1). */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF+/, '')

/**
 * UTF-16 begins with a mark of its own, or has a zero in the first character, which is ASCII in all that is read here.
 * @throws TextError where bytes begin so
 */
export function refuseUtf16(bytes: Buffer): void {
  const [first, second] = bytes
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  if (hasMark || first === 0 || second === 0) throw new TextError('it is UTF-16: save the file as UTF-8')
}
