import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { isTemplate } from '../../config/template.ts'
import type { Event } from '../../event.ts'
import { closeNats, connectNats } from './connection.ts'
import { eventOf } from './nats.ts'
import { isTaken, UntakenError } from './publish.ts'
import type { NatsListener, NatsProcessor } from './schema.ts'
import { existingConsumer, sourceStream } from './stream.ts'

/**
 * The first event that is not acknowledged; undefined when there is none. Looks into the stream itself: the consumer
 * stays as it is, and is not made where there is none.
 * @throws Error when the server can't be reached, has no such stream, or has a consumer that can't be used
 */
export const nextNatsEvent = (config: NatsListener): Promise<Event | undefined> =>
  asked(config, async manager => {
    const { stream, subject } = config
    await sourceStream(manager, stream)
    const consumer = await existingConsumer(manager, config)
    const query = { seq: (consumer?.ack_floor.stream_seq ?? 0) + 1, next_by_subj: subject }
    const stored = await manager.streams.getMessage(stream, query)
    if (!stored) return undefined
    const { seq, data, header: headers } = stored
    return eventOf({ subject: stored.subject, seq, headers, data }, stream)
  })

/** @throws Error as `nextNatsEvent` does */
export const checkNatsListener = (config: NatsListener): Promise<void> =>
  asked(config, async manager => {
    await sourceStream(manager, config.stream)
    await existingConsumer(manager, config)
  })

/** @throws Error when the server can't be reached, or no stream takes the subject, unless a template makes that */
export const checkNatsProcessor = (config: NatsProcessor): Promise<void> =>
  asked(config, async manager => {
    if (isTemplate(config.subject) || (await isTaken(manager, config.subject))) return
    throw new UntakenError(config.subject)
  })

async function asked<Answer>(
  config: NatsListener | NatsProcessor,
  ask: (manager: JetStreamManager) => Promise<Answer>,
): Promise<Answer> {
  const { connection } = await connectNats(config)
  try {
    return await ask(await jetstreamManager(connection))
  } finally {
    await closeNats(connection)
  }
}
