export { backoff, backoffMs, retrying } from './backoff.ts'
export { OutageError, PutOffError, UnreadableRecordError } from './errors.ts'
export { createKeyedQueue, type KeyedQueue, type KeyedQueueOptions } from './keyed-queue.ts'
