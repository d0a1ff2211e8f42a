/**
 * Has something done for a key by one at a time: however often it is asked for meanwhile, it is done once more.
 * @returns resolves when it is done and nobody has asked again, or others do it; rejects as `act` does
 */
export function oneAtATime(act: (key: string) => Promise<void>): (key: string) => Promise<void> {
  const underWay = new Map<string, { again: boolean }>()
  return async key => {
    const other = underWay.get(key)
    if (other) {
      other.again = true
      return
    }
    const own = { again: true }
    underWay.set(key, own)
    try {
      while (own.again) {
        own.again = false
        await act(key)
      }
    } finally {
      underWay.delete(key)
    }
  }
}
