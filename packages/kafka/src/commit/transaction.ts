import { retrying } from 'kafka-restaurants-delivery'
import type { Admin, Kafka, Producer, Transaction } from 'kafkajs'
import { fetchCommitted } from '../admin.ts'
import { hasCause } from '../client.ts'
import { steadyPartitioner } from '../partitioner.ts'
import {
  failuresOf,
  inBatches,
  isTooLarge,
  RecordTooLargeError,
  topicMessages,
  UnwritableError,
} from '../producer.ts'
import { type Progress, progressOf } from '../progress.ts'
import type { OutputRecord } from '../record.ts'
import { byTopic, type Done, type Member, type Store, type TopicPartition } from './store.ts'

export interface Cluster {
  kafka: Kafka
  admin: Admin
}

export interface TransactionSettings {
  group: string
  /** Not shared by two that live. Whoever begins with it ends what the last one left open, and keeps it out (KIP-98). */
  transactionalId: string
}

/** After so long Kafka aborts what nobody ends, in ms: it is done by when a group has given up the member, at 10 s. */
const transactionTimeout = 8_000
const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION'
/** A commit that is still undecided after so long is asked for again later, in ms. */
const longestUndecidedMs = 5_000
/**
 * By then Kafka has aborted what nobody ended: it looks every 10 s by default. What is undecided all the same has no
 * transaction any more, as a broker that is killed and starts again may complete one without writing its markers.
 */
const longestOpenMs = transactionTimeout + 17_000

/**
 * Outputs and offsets of a whole worker in one Kafka transaction. Who was replaced in the group can't commit (KIP-447), and
 * where partitions are is read when no transaction is open any more that could change it.
 */
export function transactionStore(
  { kafka, admin }: Cluster,
  { group, transactionalId }: TransactionSettings,
): Store {
  let opening: Promise<Producer> | undefined
  /** Whether the last transaction was told to commit, and it is not known whether it did. */
  let mayBeCommitted = false
  let undecidedSince: number | undefined

  const close = async () => {
    const last = opening
    opening = undefined
    await last?.then(
      opened => opened.disconnect(),
      () => {},
    )
  }
  const open = () => {
    opening ??= begin().catch(error => {
      opening = undefined
      throw error
    })
    return opening
  }
  const begin = async () => {
    const opened = kafka.producer({
      transactionalId,
      transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: steadyPartitioner,
    })
    try {
      await opened.connect()
      await (await opened.transaction()).abort() // gets the producer id
    } catch (error) {
      await opened.disconnect().catch(() => {})
      throw error
    }
    return opened
  }
  /**
   * Ends what Kafka has forgotten to end: the marker of a transaction ends all that its producer left open there. What this
   * process told to commit was committed: where Kafka was not told, it was aborted when the producer began anew.
   */
  const endForgotten = async (member: Member | undefined) => {
    await inTransaction(async transaction => {
      await transaction.sendOffsets({ consumerGroupId: group, topics: [], ...member })
      await (mayBeCommitted ? transaction.commit() : transaction.abort())
    })
    mayBeCommitted = false
  }
  /** Where it fails, the producer is let go of: whether it was committed after all is known to who begins with the same id. */
  const inTransaction = async (work: (transaction: Transaction) => Promise<void>) => {
    const producer = await open()
    let transaction: Transaction | undefined
    try {
      transaction = await producer.transaction()
      await work(transaction)
    } catch (error) {
      await transaction?.abort().catch(() => {})
      await close()
      throw error
    }
  }
  /** Topics that were not there when something was to be written to them: kafkajs looks for those for seconds. */
  let missing: string[] = []
  const findMissing = async (topics: Iterable<string>) => {
    const there = new Set(await admin.listTopics())
    missing = [...new Set(topics)].filter(topic => !there.has(topic))
  }
  const refuseMissing = async (outputs: OutputRecord[]) => {
    if (!outputs.some(({ topic }) => missing.includes(topic))) return
    await findMissing(missing)
    const output = outputs.find(({ topic }) => missing.includes(topic))
    if (output) throw Object.assign(new Error(`there is no topic ${output.topic}`), { type: unknownTopic })
  }

  const write = async (outputs: OutputRecord[], done: Done[], member: Member | undefined) => {
    await refuseMissing(outputs)
    mayBeCommitted = false
    try {
      await inTransaction(async transaction => {
        const tooLarge: OutputRecord[] = []
        for (const batch of inBatches(outputs)) tooLarge.push(...(await send(transaction, batch)))
        if (tooLarge.length > 0) throw new RecordTooLargeError(tooLarge)
        await transaction.sendOffsets({ consumerGroupId: group, topics: byTopic(done), ...member })
        mayBeCommitted = true
        await transaction.commit()
        mayBeCommitted = false
      })
    } catch (error) {
      const isMissing = hasCause(error, ({ type }) => type === unknownTopic)
      if (isMissing) await findMissing(outputs.map(({ topic }) => topic)).catch(() => {})
      throw error
    }
  }
  return {
    begin: async () => {
      await open()
    },
    positions: async (partitions, member) => {
      await open()
      try {
        const found = await committed(admin, group, partitions)
        mayBeCommitted = false
        undecidedSince = undefined
        return found
      } catch (error) {
        if (!isUndecided(error)) throw error
        undecidedSince ??= performance.now()
        // Where we know that it was ours, we need not wait for those of others.
        if (!mayBeCommitted && performance.now() - undecidedSince < longestOpenMs) throw error
        await endForgotten(member)
        return committed(admin, group, partitions)
      }
    },
    commit: write,
    close,
  }
}

export const isUndecided = (error: unknown) =>
  hasCause(error, ({ type }) => type === 'UNSTABLE_OFFSET_COMMIT')

/**
 * What a group has committed of partitions, when it is decided.
 * @throws what `isUndecided` knows, where it is not after `waitMs`
 */
export async function committed(
  admin: Admin,
  group: string,
  partitions: TopicPartition[],
  waitMs = longestUndecidedMs,
): Promise<(Progress | undefined)[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const found = await retrying(() => fetchCommitted(admin, group, topics, { requireStable: true }), {
    until: Date.now() + waitMs,
    firstMs: 20,
    longestMs: 500,
    isPassing: isUndecided,
  })
  return partitions.map(({ topic, partition }) => {
    const commit = found
      .find(each => each.topic === topic)
      ?.partitions.find(each => each.partition === partition)
    if (!commit) throw new Error(`it is not known what is committed of ${topic}[${partition}]`)
    return progressOf(commit)
  })
}

/**
 * A record that is too large has the batch of its partition refused, and no other: that goes again in halves.
 * @returns those that are too large by themselves
 */
async function send(transaction: Transaction, batch: OutputRecord[]): Promise<OutputRecord[]> {
  try {
    if (batch.length > 0) await transaction.sendBatch({ topicMessages: topicMessages(batch) })
    return []
  } catch (error) {
    if (hasCause(error, each => each instanceof TypeError || each instanceof RangeError))
      throw new UnwritableError('an output can not be written', { cause: error })
    if (!isTooLarge(error)) throw error
    if (batch.length === 1) return batch
    const refused = [...failuresOf(error, batch).keys()]
    const half = Math.ceil(refused.length / 2)
    return [
      ...(await send(transaction, refused.slice(0, half))),
      ...(await send(transaction, refused.slice(half))),
    ]
  }
}
