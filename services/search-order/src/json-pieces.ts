/** One object of the list: its JSON as it stands, and the line that it begins in, from 1. */
export interface Piece {
  bytes: Buffer
  line: number
}

const [quote, backslash, newline] = [0x22, 0x5c, 0x0a]
const [brace, braceEnd, bracket, bracketEnd] = [0x7b, 0x7d, 0x5b, 0x5d]

/**
 * Takes the objects out of a list of a JSON text as the text comes, so that no more than one has to be parsed at a time.
 * @param list the list's key in the object that is the whole
 */
export class JsonPieces {
  readonly #key: RegExp
  #depth = 0
  #line = 1
  #inString = false
  #isEscaped = false
  #inList = false
  /** What there is so far of an object that has begun. */
  #begun: { parts: Buffer[]; line: number } | undefined
  #rest = ''

  constructor(list: string) {
    this.#key = new RegExp(`"${list}"\\s*:\\s*$`)
  }

  /** Calls `found` for each object that ends in these bytes of UTF-8, which may be overwritten afterwards. */
  feed(bytes: Buffer, found: (piece: Piece) => void): void {
    let from = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === newline) this.#line++
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === backslash) this.#isEscaped = true
        else if (byte === quote) this.#inString = false
      } else if (byte === quote) this.#inString = true
      else if (byte === brace || byte === bracket) {
        if (this.#depth === 1) {
          this.#rest += bytes.toString('latin1', from, at)
          from = at
          this.#inList = byte === bracket && this.#key.test(this.#rest.slice(-100))
        } else if (this.#depth === 2 && this.#inList && byte === brace) {
          this.#rest += bytes.toString('latin1', from, at)
          from = at
          this.#begun = { parts: [], line: this.#line }
        }
        this.#depth++
      } else if (byte === braceEnd || byte === bracketEnd) {
        this.#depth--
        if (this.#depth === 2 && this.#begun) {
          const { parts, line } = this.#begun
          this.#begun = undefined
          found({ bytes: Buffer.concat([...parts, bytes.subarray(from, at + 1)]), line })
          this.#rest += `0${'\n'.repeat(this.#line - line)}`
          from = at + 1
        }
      }
    }
    if (this.#begun) this.#begun.parts.push(Buffer.from(bytes.subarray(from)))
    else this.#rest += bytes.toString('latin1', from)
  }

  /** The line in which an object begins that has not ended. */
  get open(): number | undefined {
    return this.#begun?.line
  }

  /** The text without the objects: a 0 stands for each, with as many ends of lines as it had. */
  rest(): Buffer {
    return Buffer.from(this.#rest, 'latin1')
  }
}
