/** Runs work within a limit: of each `group`, `most` at once; what is more waits its turn. */
export function slots(
  most: number,
): <Result>(group: number | undefined, work: () => Promise<Result>) => Promise<Result> {
  const groups = new Map<number | undefined, { free: number; waiting: (() => void)[] }>()
  return async (name, work) => {
    const group = groups.get(name) ?? { free: most, waiting: [] }
    groups.set(name, group)
    if (group.free > 0) group.free -= 1
    else await new Promise<void>(resolve => group.waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = group.waiting.shift()
      if (next) next()
      else group.free += 1
    }
  }
}
