/** Items of which the first is always at hand; `push` and `shift` take O(log n). */
export interface Heap<T> {
  first: () => T | undefined
  push: (item: T) => void
  /** Takes the first out. */
  shift: () => T | undefined
  clear: () => void
}

export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  const isLess = (a: number, b: number) => {
    const [one, other] = [items[a], items[b]]
    return one !== undefined && other !== undefined && isBefore(one, other)
  }
  const swap = (a: number, b: number) => {
    const [one, other] = [items[a] as T, items[b] as T]
    items[a] = other
    items[b] = one
  }

  return {
    first: () => items[0],
    push: item => {
      items.push(item)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isLess(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    shift: () => {
      if (items.length > 1) swap(0, items.length - 1)
      const first = items.pop()
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        const least = isLess(left + 1, left) ? left + 1 : left
        if (!isLess(least, at)) return first
        swap(at, least)
        at = least
      }
    },
    clear: () => {
      items.length = 0
    },
  }
}
