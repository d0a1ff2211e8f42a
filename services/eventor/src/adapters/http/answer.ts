import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'

/** What the endpoint answered, whatever its status. A redirect is an answer, too: it is not followed. */
export interface Answer {
  status: number
  /** With names in lower case; several of one name are joined by a comma. */
  headers: Record<string, string>
  /** Without its content encoding (gzip, deflate, br, zstd), which is then not in the headers either. */
  body: Buffer
}

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const decoders = new Map<string, Decode>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
  ['identity', async bytes => bytes],
])

/**
 * The answer as it was before its content encodings. It stays as it came when it has no body, or an encoding that is not
 * known here; or is an error whose body isn't what it says, as a proxy's may be: its status is what counts.
 * @throws UnreadableRecordError when the decoded body is larger than `maxBytes`, or isn't what a good answer says
 */
export async function decoded(answer: Answer, maxBytes: number): Promise<Answer> {
  const { 'content-encoding': encodings = '', 'content-length': _, ...headers } = answer.headers
  const steps = encodings.split(',').map(name => decoders.get(name.trim().toLowerCase()))
  if (answer.body.length === 0 || !steps.every(step => step !== undefined)) return answer
  try {
    let body = answer.body
    for (const decode of steps.toReversed()) body = await decode(body, { maxOutputLength: maxBytes })
    return { ...answer, headers, body }
  } catch (error) {
    if (answer.status >= 400) return answer
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const why = isTooLarge ? tooLarge(maxBytes) : `is not the ${encodings} that it says`
    throw unusableAnswer(why, answer.status)
  }
}

/** The status goes into the dead letter's headers, as far as there is one. */
export const unusableAnswer = (why: string, status?: number) =>
  new UnreadableRecordError(`the answer ${why}`, status ? { dead_letter_status: String(status) } : {})

export const tooLarge = (maxBytes: number) => `is larger than ${maxBytes} bytes`
