import { setTimeout as delay } from 'node:timers/promises'
import { retrying } from 'kafka-restaurants-delivery'
import { clusterId, type KafkaConnection, KafkaUnavailableError } from 'kafka-restaurants-kafka'

/**
 * What the ids of orders are derived with: the id of the Kafka cluster that has them. All processes have the same, it is
 * random, and no answer of ours tells it.
 */
export function idSecret(connection: KafkaConnection, timeoutMs: number) {
  const stopping = new AbortController()
  let known: Promise<string> | undefined
  const ask = () => {
    if (known) return known
    known = retrying(() => clusterId(connection), { signal: stopping.signal })
    known.catch(() => {})
    return known
  }
  return {
    start: () => void ask(),
    stop: () => stopping.abort(),
    /** @throws KafkaUnavailableError where it is not known in time */
    get: async (): Promise<string> => {
      const late = delay(timeoutMs, undefined, { ref: false })
      const secret = await Promise.race([ask(), late])
      if (secret) return secret
      throw new KafkaUnavailableError('it is not known yet which cluster this is')
    },
  }
}
