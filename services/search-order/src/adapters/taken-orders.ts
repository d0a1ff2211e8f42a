import {
  BacklogFullError,
  findRecord,
  type KafkaConnection,
  KafkaUnavailableError,
} from 'kafka-restaurants-kafka'

/** Of each partition so many records are looked at: what lies further back is no repeat, but another order. */
const newest = 20_000
const mostWaiting = 20
const answerWithinMs = 8_000

/** The header that tells what was asked for, as `fingerprint` makes it. */
export const fingerprintHeader = 'fingerprint'

/**
 * Looks in Kafka for orders that were taken before, by whichever process. One at a time, as each reads much.
 * @returns a function that gives the fingerprint of an order by its id, or undefined where there is no such order
 */
export function takenOrders(connection: KafkaConnection, topic: string) {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  /**
   * @throws BacklogFullError when too many ask
   * @throws KafkaUnavailableError when Kafka does not answer in time
   */
  return async (orderId: string): Promise<string | undefined> => {
    if (waiting >= mostWaiting) throw new BacklogFullError('too many look for earlier orders')
    waiting += 1
    const looking = last.then(() =>
      findRecord(connection, { topic, key: orderId, newest, reader: 'search-order' }),
    )
    last = looking.catch(() => {}).finally(() => waiting--)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), answerWithinMs)
    try {
      return (await Promise.race([looking, late.promise]))?.headers[fingerprintHeader]
    } catch (cause) {
      throw new KafkaUnavailableError('earlier orders can not be looked for', { cause })
    } finally {
      clearTimeout(timer)
    }
  }
}
