export { clusterId, createTopics, withAdmin } from './admin.ts'
export { hasCause, type KafkaConnection, kafkaClient, kafkaConnection, kafkaEnv } from './client.ts'
export { type Compression, compressions } from './codecs.ts'
export type { ExternalStore, PartitionCommit } from './commit/external.ts'
export { type Member, nameOf as nameOfPartition, type TopicPartition } from './commit/store.ts'
export type { OnCommitted, StatefulWorkerOptions, WorkerOptions } from './consume/options.ts'
export { type PatternWorker, type PatternWorkerOptions, patternWorker } from './consume/pattern-worker.ts'
export { type KeyState, partOfKey, type StateFormat } from './consume/state.ts'
export {
  atLeastOnceWorker,
  exactlyOnceWorker,
  externalWorker,
  statefulWorker,
  type Worker,
} from './consume/worker.ts'
export { deadLetter } from './dead-letters/dead-letter.ts'
export { withDeadLetterTopics, withTopics } from './dead-letters/make-topics.ts'
export { type KnownTopics, knownTopics } from './known-topics.ts'
export { consumerLag } from './lag.ts'
export {
  BacklogFullError,
  type BatchingProducer,
  batchingProducer,
  KafkaUnavailableError,
  type ProducerSettings,
  RecordTooLargeError,
} from './producer.ts'
export { type AwaitedReplies, awaitedReplies, type ExpectedReply } from './read/awaited-replies.ts'
export { findRecords } from './read/find-records.ts'
export { type FollowedTopics, followTopics } from './read/follow-topics.ts'
export { nextRecord } from './read/next-record.ts'
export { type RecordPlace, readRecord, readRecords } from './read/read-record.ts'
export { type InputRecord, type OutputRecord, parseRecord } from './record.ts'
