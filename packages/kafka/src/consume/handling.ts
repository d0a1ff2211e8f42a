import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { cutLetter, deadLetter, isDeadLetter } from '../dead-letters/dead-letter.ts'
import { causalHeaders, type InputRecord, type OutputRecord } from '../record.ts'
import { processed } from '../tracing.ts'
import type { Change, KeyState, Loan } from './state.ts'

/**
 * What to do with a record: its outputs, or an error. An `UnreadableRecordError` makes it a dead letter; a `PutOffError`
 * has this record tried again and no other wait for it; anything else may be an outage.
 * @param attempt which try of this record this is, from 1; those in an outage are not counted
 * @param release to be called when all that `concurrency` limits is over, though the record is not done: another one may
 *   begin then, but none of its key. In an outage, and where one is in hand at once, none does.
 */
export type Handle = (record: InputRecord, attempt: number, release: () => void) => Promise<OutputRecord[]>

/** The same, with what is kept for the record's key: a handler that throws leaves that as it was. */
export type StatefulHandle<Kept = unknown> = (
  ...args: [...Parameters<Handle>, state: KeyState<Kept>]
) => ReturnType<Handle>

export interface HandlingOptions {
  group: string
  handle: StatefulHandle
  deadLetterTopic?: string | undefined
  maskCards?: boolean | undefined
  log: Logger
  onOutcome: (outcome: 'handled' | 'dead-letter' | 'failed', topic: string) => void
}

export interface Result {
  outputs: OutputRecord[]
  change?: Change | undefined
}

/** What every handler needs and none should repeat: dead letters, causal headers, counting. */
export async function handleOrSetAside(
  record: InputRecord,
  { attempt, release, loan }: { attempt: number; release: () => void; loan: Loan },
  options: HandlingOptions,
): Promise<Result> {
  try {
    if (record.undecodable) throw new UnreadableRecordError(record.undecodable.reason)
    const outputs = await processed(record, options.group, () =>
      options.handle(record, attempt, release, loan.state),
    )
    const change = loan.end()
    options.onOutcome('handled', record.topic)
    const cause = causalHeaders(record.headers)
    return {
      outputs: outputs.map(output => ({ ...output, headers: { ...cause, ...output.headers } })),
      change,
    }
  } catch (error) {
    if (error instanceof UnreadableRecordError)
      return { outputs: [asDeadLetter(record, error, attempt, options)] }
    options.onOutcome('failed', record.topic)
    throw error
  }
}

function asDeadLetter(
  record: InputRecord,
  error: UnreadableRecordError,
  attempts: number,
  { group, deadLetterTopic, maskCards, log, onOutcome }: HandlingOptions,
): OutputRecord {
  onOutcome('dead-letter', record.topic)
  log.warn({ record: record.reference, reason: error.message, attempts }, 'dead letter')
  return deadLetter(record, { error, group, attempts, at: new Date(), topic: deadLetterTopic, maskCards })
}

/** The dead letter of a record whose output its topic does not take, or a shorter one. */
export const tooLargeLetter = (
  record: InputRecord,
  refused: OutputRecord,
  attempts: number,
  options: HandlingOptions,
): OutputRecord | undefined =>
  isDeadLetter(refused)
    ? cutLetter(refused)
    : asDeadLetter(
        record,
        new UnreadableRecordError(`its result is larger than topic ${refused.topic} takes`),
        attempts,
        options,
      )
