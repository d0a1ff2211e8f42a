import type { PackedTexts } from './growing.ts'
import { gatherLists, inAll, type Lists } from './lists.ts'

/** Three bytes of UTF-8 as one number. */
const trigram = (bytes: Buffer, at: number) =>
  ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)

/** All of a text. */
function* trigrams(bytes: Buffer): Generator<number> {
  for (let at = 0; at + 3 <= bytes.length; at++) yield trigram(bytes, at)
}

/** Finds parts of names by the trigrams that they have; a part of less than three bytes by looking through all names. */
export function gatherParts(names: PackedTexts) {
  const gathered = gatherLists<number>()
  return {
    /** The name that was packed last. */
    add(): void {
      const number = names.count - 1
      for (const key of trigrams(names.get(number))) gathered.add(key, number)
    },
    /** @returns the numbers of those names that have a part, in ascending order; both as people read them */
    finder(): (part: string) => Uint32Array {
      return finderOf(names, gathered.lists())
    },
  }
}

const finderOf = (names: PackedTexts, lists: Lists<number>) => (part: string) => {
  const bytes = Buffer.from(part)
  const has = (number: number) => names.includes(number, bytes)
  if (bytes.length < 3) return Uint32Array.from({ length: names.count }, (_, number) => number).filter(has)
  const rarest = [...new Set(trigrams(bytes))]
    .map(key => lists.of(key))
    .sort((a, b) => a.length - b.length)
    .slice(0, 3)
  return inAll(rarest).filter(has)
}
