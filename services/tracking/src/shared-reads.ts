/**
 * Has those who ask for the same at the same time share one read: thousands may watch one order.
 * @returns the same as `read`; after `forget`, nobody is given what was begun before; without an id that goes for all
 */
export function sharedReads<Found>(
  read: (id: string) => Promise<Found>,
): ((id: string) => Promise<Found>) & { forget: (id?: string) => void } {
  const underWay = new Map<string, Promise<Found>>()
  const shared = (id: string) => {
    const other = underWay.get(id)
    if (other) return other
    const own = read(id).finally(() => {
      if (underWay.get(id) === own) underWay.delete(id)
    })
    underWay.set(id, own)
    return own
  }
  const forget = (id?: string) => (id === undefined ? underWay.clear() : void underWay.delete(id))
  return Object.assign(shared, { forget })
}
