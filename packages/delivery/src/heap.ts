/** Items of which the first is always at hand; `push` and `shift` take O(log n). */
export interface Heap<T> {
  first: () => T | undefined
  push: (item: T) => void
  /** Takes the first out. */
  shift: () => void
  clear: () => void
}

export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  const rise = (item: T, from: number) => {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = items[above] as T
      if (!isBefore(item, parent)) break
      items[at] = parent
      at = above
    }
    items[at] = item
  }

  const sink = (item: T) => {
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= items.length) break
      if (below + 1 < items.length && isBefore(items[below + 1] as T, items[below] as T)) below += 1
      const child = items[below] as T
      if (!isBefore(child, item)) break
      items[at] = child
      at = below
    }
    items[at] = item
  }

  return {
    first: () => items[0],
    push: item => {
      items.push(item)
      rise(item, items.length - 1)
    },
    shift: () => {
      const last = items.pop()
      if (items.length > 0) sink(last as T)
    },
    clear: () => {
      items.length = 0
    },
  }
}
