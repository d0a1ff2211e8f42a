import { randomUUID } from 'node:crypto'
import {
  type BatchingProducer,
  type FollowedTopics,
  followTopics,
  type InputRecord,
  type KafkaConnection,
  KafkaUnavailableError,
} from 'kafka-restaurants-kafka'
import { type Call, CallRecord, clocksDifferMs, type RetainedCalls } from '../retained.ts'

/** What of a call makes its claim. */
type NewCall = Pick<Call, 'id' | 'route' | 'client' | 'hash'>

export interface Claims extends FollowedTopics {
  /**
   * Claims an id for a call, in all replicas.
   * @returns who has the id now, and whether it is this call
   * @throws KafkaUnavailableError where that can't be written and read back
   */
  claim: (call: NewCall) => Promise<{ call: Call; isOurs: boolean }>
  /** Tells all that a call's request is written. */
  written: (call: Call) => void
  /** Gives a claim back whose request was surely not written. @throws as `claim` */
  release: (call: Call) => Promise<void>
  /** The call that has an id, asked of Kafka where this replica does not know it. @throws as `claim` */
  find: (id: string) => Promise<Call | undefined>
}

const longestReadBackMs = 5_000

/** Keeps the calls that are to be answered by any replica the same in all of them, by a topic that all follow. */
export function claims(
  kafka: KafkaConnection,
  producer: BatchingProducer,
  calls: RetainedCalls,
  { topic, retainMs, learnt }: { topic: string; retainMs: number; learnt: (id: string) => void },
): Claims {
  const awaited = new Map<string, () => void>()
  const read = (record: InputRecord) => {
    const said = callRecord(record)
    if (!said) return kafka.log.warn({ record: record.reference }, 'a record of callsTopic can not be read')
    calls.learn(said, Number(record.timestamp))
    learnt(said.id)
    awaited.get(said.nonce)?.()
  }
  const followed = followTopics(kafka, {
    topics: [topic],
    group: 'gateway-calls',
    since: () => Date.now() - retainMs - clocksDifferMs,
    see: records => records.forEach(read),
  })
  const write = (record: Partial<CallRecord> & Pick<CallRecord, 'id' | 'type' | 'nonce'>) =>
    producer.send({ topic, key: record.id, value: JSON.stringify(record), isInternal: true })

  /** Writes a record, and waits until it, and so all before it, is read. */
  const writeAndRead = async (record: Parameters<typeof write>[0]) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = () => reject(new KafkaUnavailableError('a record of callsTopic is not read back'))
    const timer = setTimeout(late, longestReadBackMs)
    awaited.set(record.nonce, resolve)
    try {
      await Promise.all([promise, write(record)])
    } finally {
      clearTimeout(timer)
      awaited.delete(record.nonce)
    }
  }
  return {
    ...followed,
    claim: async call => {
      const known = calls.get(call.id)
      if (known) return { call: known, isOurs: false }
      const nonce = randomUUID()
      await writeAndRead({ ...call, type: 'claim', nonce })
      const holder = calls.get(call.id)
      if (!holder) throw new KafkaUnavailableError('a claim was over before it was read')
      return { call: holder, isOurs: holder.nonce === nonce }
    },
    written: call => {
      call.isWritten = true
      // Who does not hear of it looks for the request itself.
      write({ id: call.id, type: 'written', nonce: call.nonce }).catch(() => {})
    },
    release: ({ id, nonce }) => writeAndRead({ id, type: 'release', nonce }),
    find: async id => {
      const known = calls.get(id)
      if (known) return known
      await writeAndRead({ id, type: 'probe', nonce: randomUUID() })
      return calls.get(id)
    },
  }
}

function callRecord({ value }: InputRecord): CallRecord | undefined {
  try {
    return CallRecord.parse(JSON.parse(value.toString()))
  } catch {
    return undefined
  }
}
