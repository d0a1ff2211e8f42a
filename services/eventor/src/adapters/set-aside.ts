import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { deadLetter } from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'
import type { Event, HandleEvent } from '../event.ts'

/** What a listener does with its events, whatever the broker. */
export interface ListenerOptions {
  /** The most events in hand at once; never two of one key. */
  concurrency: number
  /** The subject or queue of the dead letters. */
  deadLetterTopic: string
  log: Logger
  /** Called for each try. `failed` are those that are made again. */
  onOutcome?: (outcome: 'handled' | 'dead-letter' | 'failed') => void
}

/** A dead letter as brokers with text headers take it; the header `key` holds the event's key. */
export interface DeadLetter {
  value: Buffer
  headers: Record<string, string>
}

/**
 * Handles an event; where no retry can help, has it published as a dead letter.
 * @param group whose dead letter it is, where the broker knows groups
 * @throws what `handle` does, but for UnreadableRecordError, and what `publish` does
 */
export async function handleOrSetAside(
  event: Event,
  attempt: number,
  handle: HandleEvent,
  { log, onOutcome, group = '' }: ListenerOptions & { group?: string },
  publish: (letter: DeadLetter) => Promise<void>,
): Promise<void> {
  try {
    await handle(event, attempt)
    onOutcome?.('handled')
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) {
      onOutcome?.('failed')
      throw error
    }
    await publish(deadLetterOf(event, { error, group, attempts: attempt, at: new Date(), maskCards: false }))
    onOutcome?.('dead-letter')
    log.warn({ event: event.source, reason: error.message, attempt }, 'dead letter')
  }
}

/** The same dead letter as on Kafka, but for the headers that the broker has nothing for. */
function deadLetterOf(event: Event, why: Parameters<typeof deadLetter>[1]): DeadLetter {
  const { key, value, headers } = deadLetter(
    {
      ...event,
      partition: event.partition ?? 0,
      offset: event.offset ?? '',
      isTombstone: false,
      rawHeaders: Object.fromEntries(
        Object.entries(event.headers).map(([name, text]) => [name, [Buffer.from(text)]]),
      ),
      reference: event.source,
    },
    why,
  )
  const text = Object.entries({ ...headers, key: key ?? '' }).map(([name, each]) => [name, String(each)])
  const unknown = {
    dead_letter_partition: event.partition === undefined,
    dead_letter_offset: event.offset === undefined,
    dead_letter_group: why.group === '',
    key: key === null,
  }
  return {
    value: Buffer.from(value ?? ''),
    headers: Object.fromEntries(text.filter(([name]) => !unknown[name as keyof typeof unknown])),
  }
}
