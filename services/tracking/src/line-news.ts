/**
 * Has those who wait in a line look again when somebody before them has left it. However many leave meanwhile, a line is
 * read by one at a time.
 * @param waiting who is in a line, whoever has left it already being out
 * @param moved told of each who may have moved up
 * @returns to be told that somebody has left a line; resolves when no news of it are left to tell, rejects as `waiting` does
 */
export function lineNews(
  waiting: (line: string) => Promise<string[]>,
  moved: (orderId: string) => void,
): (line: string) => Promise<void> {
  const underWay = new Map<string, { again: boolean }>()
  return async line => {
    const other = underWay.get(line)
    if (other) {
      other.again = true
      return
    }
    const own = { again: true }
    underWay.set(line, own)
    try {
      while (own.again) {
        own.again = false
        for (const orderId of await waiting(line)) moved(orderId)
      }
    } finally {
      underWay.delete(line)
    }
  }
}
