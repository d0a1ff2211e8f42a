/** As a power of two. */
const partSize = 15

/**
 * Whole numbers below 2^32, in four bytes each, however many there will be: in parts, as larger and larger copies of them
 * would leave holes in the process's memory.
 */
export class GrowingNumbers {
  readonly #parts: Uint32Array[] = []
  length = 0

  push(number: number): void {
    if (this.length >>> partSize === this.#parts.length) this.#parts.push(new Uint32Array(2 ** partSize))
    this.set(this.length++, number)
  }

  at = (index: number): number => this.#parts[index >>> partSize]?.[index % 2 ** partSize] ?? 0

  set(index: number, number: number): void {
    const part = this.#parts[index >>> partSize]
    if (part) part[index % 2 ** partSize] = number
  }
}

/** Texts as UTF-8, one behind the other: 100,000 of them cost the collector of garbage no more than one. */
export class PackedTexts {
  #bytes: Buffer
  #ends = new GrowingNumbers()
  #used = 0

  /** @param bytes so many will do, probably: what is never written to is no memory, only addresses */
  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes)
  }

  push(text: string): void {
    // A character of UTF-16 takes up to three bytes.
    if (this.#used + text.length * 3 > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.ceil(this.#bytes.length * 1.5) + text.length * 3)
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    this.#used += this.#bytes.write(text, this.#used)
    this.#ends.push(this.#used)
  }

  /** One of them, by its number from 0; not copied. */
  get(number: number): Buffer {
    return this.#bytes.subarray(number === 0 ? 0 : this.#ends.at(number - 1), this.#ends.at(number))
  }

  /** Whether one of them has a part. Copies nothing, and calls nobody: texts are short here, and many are asked. */
  includes(number: number, part: Buffer): boolean {
    const bytes = this.#bytes
    const last = this.#ends.at(number) - part.length
    for (let start = number === 0 ? 0 : this.#ends.at(number - 1); start <= last; start++) {
      let at = 0
      while (at < part.length && bytes[start + at] === part[at]) at++
      if (at === part.length) return true
    }
    return false
  }

  get count(): number {
    return this.#ends.length
  }
}
