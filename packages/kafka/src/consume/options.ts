import type { Metrics } from 'kafka-restaurants-service'
import type { KafkaConnection } from '../client.ts'
import type { InputRecord, OutputRecord } from '../record.ts'
import type { Handle, StatefulHandle } from './handling.ts'
import type { StateFormat } from './state.ts'

export interface WorkerOptions {
  kafka: KafkaConnection
  group: string
  /**
   * Names this worker among those of its group that live: the same after a restart, so that it ends at once what its
   * predecessor left open. Random unless given; what was left open is then aborted after 8 s.
   */
  instance?: string | undefined
  /** The topics to read, from their beginning where the group has no offset yet. */
  inputs: string[]
  /**
   * Whether the partitions of a number, one of each input, belong together: they are assigned, handled in the order of
   * their keys, committed and given up as one. The inputs need as many partitions as each other, and all members of the
   * group have to say so. A record that waits for one of another input is not to be put off: there may be no room to read
   * that.
   */
  copartitioned?: boolean
  /**
   * What to do with a record. It may be called again for the same record, with the same `reference`. An
   * `UnreadableRecordError` makes it a dead letter; a `PutOffError` has it tried again by itself; anything else as well,
   * unless nothing works: then all of the partition waits, for as long as it takes.
   */
  handle: Handle
  /** Whether records of one key are handled one after another, in their order (the default), or all independently. */
  ordered?: boolean
  /**
   * The most records of a partition, or of those that belong together, in hand at once, without those whose handlers have
   * called `release`.
   */
  concurrency?: number
  /** Where records go that no retry can help: `<topic>.dead-letters` unless given. */
  deadLetterTopic?: string
  /** Whether card numbers in dead letters are masked, as they are unless this is false. */
  maskCards?: boolean
  consumer?: ConsumerSettings
  /**
   * How long a consumer may say nothing, or be unable to join or to commit, while Kafka answers, until it counts as
   * crashed; in ms. A single record must not take longer. 60,000 unless given.
   */
  stallMs?: number | undefined
  metrics: Metrics
  onCommitted?: OnCommitted | undefined
}

/**
 * Told of each record when what it has led to is committed, with the outputs that are: for metrics. Of a commit of which it
 * is only known later that it came through, as Kafka did not say so, nobody is told. It throws nothing.
 */
export type OnCommitted = (record: InputRecord, outputs: readonly OutputRecord[]) => void

/** As others, but its inputs are always `copartitioned` and `ordered`. */
export interface StatefulWorkerOptions<Kept = unknown>
  extends Omit<WorkerOptions, 'copartitioned' | 'ordered' | 'handle'> {
  handle: StatefulHandle<Kept>
  changelog: Changelog<Kept>
}

/** Where what handlers keep outlives the process. */
export interface Changelog<Kept = unknown> {
  /**
   * The compacted topic that keeps what handlers set, by key, with as many partitions as each input. It is the group's
   * alone. All that it keeps of the partitions of a worker is in that worker's memory.
   */
  topic: string
  format: StateFormat<Kept>
}

/** What a consumer asks of Kafka. */
interface ConsumerSettings {
  /**
   * Whether a group without a commit begins with the oldest record (the default), or with what comes after the start. A
   * map says where partitions begin, by names such as `order[0]`; those of other topics do with the oldest.
   */
  fromBeginning?: boolean | ReadonlyMap<string, bigint>
  /** Whether to read records of transactions that may still be aborted; not unless true. */
  readUncommitted?: boolean
  /** After how long without a heartbeat the group takes the consumer for dead, in ms: 10,000 unless given. */
  sessionTimeoutMs?: number
  heartbeatMs?: number
  rebalanceTimeoutMs?: number
  /** How long a fetch may wait for `minBytes`, in ms: 500 unless given. */
  maxWaitMs?: number
  minBytes?: number
  maxBytes?: number
  /** The most bytes of a partition in a fetch: 512 KiB unless given. */
  maxBytesPerPartition?: number
  rackId?: string
  /** For how long what comes next gathers where all has been read, in ms: 30 unless given. Each fetch costs as much as many records. */
  restMs?: number
  /** How long a commit waits for company, in ms: 80 unless given; longer where commits take long. What was handled since is handled again after a crash. */
  commitMs?: number
}

/** Of any kind of worker. */
export type AnyOptions = Omit<WorkerOptions, 'handle'> &
  Partial<Pick<StatefulWorkerOptions, 'changelog'>> &
  Pick<StatefulWorkerOptions, 'handle'>
