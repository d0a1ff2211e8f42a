import {
  BacklogFullError,
  findRecords,
  type KafkaConnection,
  KafkaUnavailableError,
} from 'kafka-restaurants-kafka'

/** Of each partition so many records are looked at: what lies further back is no repeat, but another order. */
const newest = 20_000
const mostWaiting = 1_000
const answerWithinMs = 8_000

/** The header that tells what was asked for, as `fingerprint` makes it. */
export const fingerprintHeader = 'fingerprint'

/**
 * Looks in Kafka for orders that were taken before, by whichever process. It reads much, and so looks for all at once
 * that were asked for while it was looking.
 * @returns a function that gives the fingerprint of an order by its id, or undefined where there is no such order
 */
export function takenOrders(connection: KafkaConnection, topic: string) {
  let next: { ids: Set<string>; fingerprints: Promise<Map<string, string | undefined>> } | undefined
  let looking: Promise<unknown> = Promise.resolve()

  const look = async (ids: Set<string>) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), answerWithinMs)
    try {
      const wanted = { topic, keys: [...ids], newest, reader: 'search-order' }
      const found = await Promise.race([findRecords(connection, wanted), late.promise])
      return new Map([...found].map(([id, { headers }]) => [id, headers[fingerprintHeader]]))
    } catch (cause) {
      throw new KafkaUnavailableError('earlier orders can not be looked for', { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  const begin = () => {
    const ids = new Set<string>()
    const fingerprints = looking.then(() => {
      next = undefined
      return look(ids)
    })
    looking = fingerprints.catch(() => {})
    return { ids, fingerprints }
  }

  /**
   * @throws BacklogFullError when too many ask
   * @throws KafkaUnavailableError when Kafka does not answer in time
   */
  return async (orderId: string): Promise<string | undefined> => {
    next ??= begin()
    if (next.ids.size >= mostWaiting) throw new BacklogFullError('too many look for earlier orders')
    next.ids.add(orderId)
    return (await next.fingerprints).get(orderId)
  }
}
