import { randomUUID } from 'node:crypto'
import type { RequestHandler, Response } from 'express'
import { CommandEventType, type CommandTaken, QueueId } from 'kafka-restaurants-contracts'
import {
  BacklogFullError,
  KafkaUnavailableError,
  type OutputRecord,
  RecordTooLargeError,
} from 'kafka-restaurants-kafka'
import { HttpProblem, idempotencyKey, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { CommandTopics } from './commands.ts'

const message = z.string().min(1, 'must not be empty')

/** `POST /command`. What is not named gets a name of its own. */
export const NewCommand = z.object({
  resourceId: QueueId.default(() => randomUUID()),
  id: QueueId.optional().meta({ description: 'else the Idempotency-Key, else a new one' }),
  message,
})
/** `POST /command/{resourceId}` as JSON. */
export const NewCommandOf = NewCommand.omit({ resourceId: true })

/** `POST /event/{resourceId}/{commandId}` as JSON. */
export const NewEvent = z.object({
  type: CommandEventType,
  message: z.string().optional(),
  fence: z.int().nonnegative().optional(),
})

interface TakingParts {
  topics: CommandTopics
  /** Of a message. */
  mostBytes: number
  send: (record: OutputRecord) => Promise<void>
}

/** What is written to Kafka for callers. Each is answered when all in-sync replicas have it. */
export function takingHandlers({
  topics,
  mostBytes,
  send,
}: TakingParts): Record<'command' | 'commandOf' | 'event', RequestHandler> {
  const write = async (
    response: Response,
    topic: string,
    taken: CommandTaken,
    value: { id: string; message?: string | undefined },
  ) => {
    const bytes = Buffer.byteLength(value.message ?? '')
    if (bytes > mostBytes)
      throw new HttpProblem(413, 'The message is too large', {
        detail: `It has ${bytes} bytes, ${mostBytes} is the most.`,
      })
    await send({ topic, key: taken.resourceId, value: JSON.stringify(value) }).catch(refuse)
    response
      .status(201)
      .location(`/resources/${encodeURIComponent(taken.resourceId)}`)
      .json(taken)
  }
  return {
    command: async (request, response) => {
      const asked = parseRequest(NewCommand, request.body, 'Invalid command')
      const { resourceId, message, id = idOf(request) } = asked
      await write(response, topics.requests, { resourceId, commandId: id }, { id, message })
    },
    commandOf: async (request, response) => {
      const resourceId = idIn('resourceId', request.params.resourceId)
      const body = typeof request.body === 'string' ? { message: request.body } : request.body
      const { message, id = idOf(request) } = parseRequest(NewCommandOf, body ?? {}, 'Invalid command')
      await write(response, topics.requests, { resourceId, commandId: id }, { id, message })
    },
    event: async (request, response) => {
      const resourceId = idIn('resourceId', request.params.resourceId)
      const commandId = idIn('commandId', request.params.commandId)
      const body = typeof request.body === 'string' ? { type: request.body.trim() } : request.body
      const event = parseRequest(NewEvent, body ?? {}, 'Invalid event')
      await write(response, topics.events, { resourceId, commandId }, { id: commandId, ...event })
    },
  }
}

/** The id of a command that names none in its body: the same for a client's retry with the same Idempotency-Key. */
function idOf(request: Parameters<typeof idempotencyKey>[0]): string {
  const key = idempotencyKey(request)
  return key === undefined ? randomUUID() : parseRequest(z.object({ 'Idempotency-Key': QueueId }), { 'Idempotency-Key': key }, 'Invalid command')['Idempotency-Key'] // biome-ignore format: a line
}

/** A part of the path. */
export const idIn = (field: string, given: unknown): string => {
  const parsed = parseRequest(z.record(z.string(), QueueId), { [field]: given }, 'Invalid path')
  return parsed[field] ?? ''
}

function refuse(cause: unknown): never {
  if (cause instanceof RecordTooLargeError) throw new HttpProblem(413, 'The message is too large', { cause })
  if (cause instanceof KafkaUnavailableError || cause instanceof BacklogFullError)
    throw new HttpProblem(503, 'Kafka does not take it now: try again', {
      cause,
      headers: { 'Retry-After': '2' },
    })
  throw cause
}
