export { backoff, backoffMs, retrying } from './backoff.ts'
export { OutageError, PutOffError, UnreadableRecordError } from './errors.ts'
