import { DeadLettersError, NoSuchDeadLetterError } from 'kafka-restaurants-kafka/dead-letters'
import { HttpProblem } from 'kafka-restaurants-service'

/** Asks Kafka, and says over HTTP what is wrong. @throws HttpProblem 404 for what is not there, 503 while Kafka is away */
export async function answering<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof NoSuchDeadLetterError) throw new HttpProblem(404, 'No such dead letter', { cause })
    if (cause instanceof DeadLettersError)
      throw new HttpProblem(503, 'Kafka does not answer', { cause, headers: { 'Retry-After': '5' } })
    throw cause
  }
}
