export { createTopics, withAdmin } from './admin.ts'
export { type KafkaConnection, kafkaEnv } from './client.ts'
export {
  BacklogFullError,
  type BatchingProducer,
  batchingProducer,
  KafkaUnavailableError,
} from './producer.ts'
export {
  type InputRecord,
  type OutputRecord,
  PutOffError,
  parseRecord,
  UnreadableRecordError,
} from './record.ts'
export { atLeastOnceWorker, exactlyOnceWorker, type Worker, type WorkerOptions } from './worker.ts'
