import { GrowingNumbers } from './growing.ts'

/** What has which key: for each key a list of numbers, in ascending order, each once. */
export interface Lists<Key> {
  /** in ascending order */
  keys: readonly Key[]
  /** The list of a key; empty for one that is not there. */
  of: (key: Key) => Uint32Array
  /** The lists of all keys from one on and up to another, which is not included, one behind the other. */
  between: (from: Key, to: Key) => { numbers: Uint32Array; keys: number }
}

/** Gathers such lists: the numbers come in ascending order. */
export function gatherLists<Key extends string | number>() {
  const indexes = new Map<Key, number>()
  // For each thing that has a key: the key's index, and the thing's number.
  const pairKeys = new GrowingNumbers()
  const pairNumbers = new GrowingNumbers()
  /** Of each key by index, the last number that has it. */
  const last: number[] = []

  return {
    add(key: Key, number: number): void {
      let index = indexes.get(key)
      if (index === undefined) {
        index = indexes.size
        indexes.set(key, index)
      } else if (last[index] === number) return
      last[index] = number
      pairKeys.push(index)
      pairNumbers.push(number)
    },
    /** A counting sort: it takes two passes over all pairs. */
    lists(): Lists<Key> {
      const keys = [...indexes.keys()].sort((a, b) => (a < b ? -1 : 1))
      const rankOf = new Uint32Array(keys.length)
      keys.forEach((key, rank) => {
        rankOf[indexes.get(key) ?? 0] = rank
      })
      const starts = new Uint32Array(keys.length + 1)
      for (let pair = 0; pair < pairKeys.length; pair++) {
        const end = (rankOf[pairKeys.at(pair)] ?? 0) + 1
        starts[end] = (starts[end] ?? 0) + 1
      }
      for (let rank = 0; rank < keys.length; rank++) {
        starts[rank + 1] = (starts[rank + 1] ?? 0) + (starts[rank] ?? 0)
      }
      const numbers = new Uint32Array(pairKeys.length)
      const next = starts.slice()
      for (let pair = 0; pair < pairKeys.length; pair++) {
        const rank = rankOf[pairKeys.at(pair)] ?? 0
        const at = next[rank] ?? 0
        numbers[at] = pairNumbers.at(pair)
        next[rank] = at + 1
      }
      return listsOf(keys, starts, numbers)
    },
  }
}

function listsOf<Key extends string | number>(
  keys: readonly Key[],
  starts: Uint32Array,
  numbers: Uint32Array,
): Lists<Key> {
  const list = (from: number, to: number) => numbers.subarray(starts[from], starts[to])
  return {
    keys,
    of: key => {
      const at = lowerBound(keys, key)
      return keys[at] === key ? list(at, at + 1) : list(0, 0)
    },
    between: (from, to) => {
      const [first, end] = [lowerBound(keys, from), lowerBound(keys, to)]
      return { numbers: list(first, end), keys: end - first }
    },
  }
}

/** Where in an ascending list, or a stretch of it, the first is that is not less than `wanted`; its end where none is. */
export function lowerBound<Key extends string | number>(
  sorted: ArrayLike<Key>,
  wanted: Key,
  from = 0,
  end = sorted.length,
): number {
  let [low, high] = [from, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as Key) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Numbers that may stand several times and in any order, once each and in ascending order. */
export function onceEach(numbers: Uint32Array, count: number): Uint32Array {
  if (numbers.length < 2_000) {
    const sorted = numbers.slice().sort()
    return sorted.filter((number, index) => number !== sorted[index - 1])
  }
  const isThere = new Uint8Array(count)
  let found = 0
  for (const number of numbers) {
    found += 1 - (isThere[number] ?? 0)
    isThere[number] = 1
  }
  const all = new Uint32Array(found)
  let at = 0
  for (let number = 0; number < count; number++) if (isThere[number] === 1) all[at++] = number
  return all
}

/** The numbers that are in all of these ascending lists, of which there is one at least; not copied where it is one. */
export function inAll(lists: readonly Uint32Array[]): Uint32Array {
  const [shortest = new Uint32Array(), ...others] = lists.toSorted((a, b) => a.length - b.length)
  if (others.length === 0) return shortest
  const both = shortest.slice()
  const found = others.reduce((count, list) => keepThoseIn(list, both, count), both.length)
  // A copy: what is kept of a search must not hold on to the room that looking for it took.
  return both.slice(0, found)
}

/** Goes through the first numbers, and through the longer list in steps that grow until they are too wide. @returns how many are kept */
function keepThoseIn(longer: Uint32Array, numbers: Uint32Array, count: number): number {
  let kept = 0
  let at = 0
  for (let index = 0; index < count && at < longer.length; index++) {
    const wanted = numbers[index] ?? 0
    let step = 1
    while (at + step < longer.length && (longer[at + step] ?? 0) < wanted) step *= 2
    at = lowerBound(longer, wanted, at + (step >>> 1), Math.min(longer.length, at + step + 1))
    if (longer[at] === wanted) numbers[kept++] = wanted
  }
  return kept
}
