import { topicFault } from 'kafka-restaurants-contracts'

/** Where the tries of a stream's events are counted. */
export const retriesStream = (stream: string): string => `${stream}_RETRIES`
/** The stream that is made for dead letters where no other takes their subject. */
export const streamOf = (subject: string): string => subject.replaceAll(/[^\w-]/g, '_')
/** Where the tries of a queue's events are counted. */
export const retriesQueue = (queue: string): string => `${queue}.retries`
/** Who holds this one listens. */
export const listenerQueue = (queue: string): string => `${queue}.listener`

/** Why a broker can have nothing of a name, to be put behind what it is about; undefined where it can. */
type Fault = string | undefined

/** JetStream makes folders of names, and AMQP has a byte for their length. */
const mostBytes = 255
const tooLong = (name: string): Fault =>
  Buffer.byteLength(name) > mostBytes ? `is longer than ${mostBytes} bytes` : undefined

/** Of a stream or a consumer. */
export const natsNameFault = (name: string): Fault =>
  tooLong(name) ??
  (/[\s.*>/\\\p{Cc}]/u.test(name) ? 'can have no blank, ".", "*", ">", "/" or "\\" in it' : undefined)

/** Of a queue, an exchange or a routing key. */
export const amqpNameFault: (name: string) => Fault = tooLong

/** Whether a text is a subject that one can publish to. */
export const isSubject = (text: string): boolean => /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(text)

/** Whether a filter with wildcards takes a subject. */
export function covers(filter: string, subject: string): boolean {
  const tokens = subject.split('.')
  const wanted = filter.split('.')
  return (
    (wanted.at(-1) === '>' ? tokens.length >= wanted.length : tokens.length === wanted.length) &&
    wanted.every((each, index) => each === '>' || each === '*' || each === tokens[index])
  )
}

/** Of where dead letters go, by the type of the listener, which makes it where it is missing. */
export const deadLetterFault: Record<'kafka' | 'nats' | 'rabbitmq', (name: string) => Fault> = {
  kafka: topicFault,
  nats: subject =>
    isSubject(subject) ? natsNameFault(streamOf(subject)) : 'is no subject that one can publish to',
  rabbitmq: queue => amqpNameFault(queue) ?? reserved(queue),
}

/** Of a queue that is read: those that are named after it are made. */
export const sourceQueueFault = (queue: string): Fault =>
  amqpNameFault(listenerQueue(queue))
    ? `must not be longer than ${mostBytes - listenerQueue('').length} bytes, as ${listenerQueue('<queue>')} is made`
    : reserved(queue)

/** Of a stream that is read. */
export const sourceStreamFault = (stream: string): Fault =>
  natsNameFault(stream) ??
  (tooLong(retriesStream(stream)) &&
    `must not be longer than ${mostBytes - retriesStream('').length} bytes, as ${retriesStream('<stream>')} is made`)

const reserved = (queue: string): Fault =>
  queue.startsWith('amq.') ? 'begins with "amq.", which RabbitMQ keeps for itself' : undefined
