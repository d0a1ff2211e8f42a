import { BacklogFullError, KafkaUnavailableError, RecordTooLargeError } from 'kafka-restaurants-kafka'
import { HttpProblem } from 'kafka-restaurants-service'

/** 503, for what will do a little later. */
export const unavailable = (title: string, cause?: unknown) =>
  new HttpProblem(503, title, { headers: { 'Retry-After': '1' }, cause })

/** @throws HttpProblem that says why Kafka did not take a record */
export function refused(cause: unknown): never {
  if (cause instanceof RecordTooLargeError)
    throw new HttpProblem(413, 'The request is too large for its topic', { cause })
  if (cause instanceof BacklogFullError) throw unavailable('Too many requests wait for Kafka', cause)
  if (cause instanceof KafkaUnavailableError) throw unavailable('Kafka takes no requests now', cause)
  throw cause
}
