import type { ActionableCommand, ExpiredEvent, RejectedCommand } from 'kafka-restaurants-contracts'
import type { InputRecord, KeyState, OutputRecord } from 'kafka-restaurants-kafka'
import { contextOf, headersOf, isTracing, momentSpan, SpanKind } from 'kafka-restaurants-service'
import { decide, type Effect } from '../decide.ts'
import { readEvent, readRequest, readResourceId } from '../inputs.ts'
import type { AllLimits } from '../limits.ts'
import { type Cause, isIdle, type Resource, unknownResource } from '../resource.ts'

export interface CommandTopics {
  requests: string
  events: string
  actionable: string
  rejected: string
}

/** What a record of either topic leads to: what is to be told, and what is to be known of its resource from now on. */
export const commandHandler =
  ({
    topics,
    limits,
    mostBytes,
    count,
    now,
  }: {
    topics: CommandTopics
    limits: () => AllLimits
    mostBytes: number
    count: (effect: Effect) => void
    now: () => number
  }) =>
  async (
    record: InputRecord,
    _attempt: number,
    _release: () => void,
    state: KeyState<Resource>,
  ): Promise<OutputRecord[]> => {
    const resourceId = readResourceId(record)
    const input =
      record.topic === topics.requests ? readRequest(record, mostBytes, now()) : readEvent(record, now())
    if (!input) return []
    const kept = state.get()
    const before = kept ?? unknownResource
    const { resource, effects } = decide(before, input, limits()(resourceId))
    if (isIdle(resource, input.at)) {
      if (kept) state.set(null)
    } else if (resource !== kept) state.set(resource)
    effects.forEach(count)
    return effects.flatMap(effect => outputOf(effect, topics, record.key))
  }

function outputOf(effect: Effect, topics: CommandTopics, key: Buffer | null): OutputRecord[] {
  const to = (topic: string, value: object, headers: Cause = {}): OutputRecord[] => [
    { topic, key, value: JSON.stringify(value), headers },
  ]
  switch (effect.type) {
    case 'START': {
      const { id, message, fence } = effect
      return to(topics.actionable, { id, message, fence } satisfies ActionableCommand, afterWait(effect))
    }
    case 'REJECT': {
      const { id, message, reason } = effect
      return to(topics.rejected, { id, message, reason } satisfies RejectedCommand)
    }
    case 'EXPIRE':
      return to(topics.events, { id: effect.id, type: 'EXPIRED', fence: effect.fence } satisfies ExpiredEvent)
    case 'IGNORE':
      return []
    default:
      return effect satisfies never
  }
}

/** The headers of a command that starts: of its own trace, in which its wait for a place is a span. */
function afterWait({ cause = {}, requestedAt }: Extract<Effect, { type: 'START' }>): Cause {
  if (!isTracing()) return cause
  const span = { kind: SpanKind.INTERNAL, parent: contextOf({ ...cause }), startTime: requestedAt }
  return { ...cause, ...headersOf(momentSpan('wait in line', span)) }
}
