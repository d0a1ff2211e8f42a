/** Counts what is going on. */
export function countWork() {
  let size = 0
  let none = Promise.withResolvers<void>()
  return {
    size: () => size,
    begins: () => {
      size += 1
    },
    ends: () => {
      size -= 1
      if (size > 0) return
      none.resolve()
      none = Promise.withResolvers()
    },
    /** Resolves when nothing is going on. */
    ended: () => (size === 0 ? Promise.resolve() : none.promise),
  }
}
